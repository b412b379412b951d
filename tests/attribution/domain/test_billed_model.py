"""Meters of clouds and names at gateways are one model: spellings of real bills and price lists."""

import pytest

from attribution.domain.billed_account import account_in, account_of
from attribution.domain.billed_model import billed_model, plain_model
from attribution.domain.billed_quantities import token_class
from attribution.domain.recognition import recognise
from attribution.domain.tables import groups

# Meter, class of tokens, the model as gateways write it.
BEDROCK = [
    ("USE1-Claude4.6Opus-input-tokens-cross-region-global", "input", "us.anthropic.claude-opus-4-6-v1:0"),
    ("USE1-Claude4.6Opus-cache-read-input-token-count", "cached_input", "bedrock/claude-opus-4-6"),
    ("USW2-anthropic.claude-opus-4-8-mantle-cache-write-tokens-global", "cache_write", "claude-opus-4.8"),
    ("USW2-anthropic.claude-opus-4-8-mantle-input-tokens-global-standard", "input", "claude-opus-4-8"),
    ("USE1-Claude4Sonnet-input-tokens", "input", "anthropic.claude-sonnet-4-20250514-v1:0"),
    ("USE1-Claude3Sonnet-output-tokens", "output", "anthropic.claude-3-sonnet-20240229-v1:0"),
    ("USE1-Claude2.0-input-tokens", "input", "claude-2.0"),
    ("EU-Nova2.0Lite-input-tokens-cross-region-global", "input", "eu.amazon.nova-2-lite-v1:0"),
    ("USE1-Nova2.0Pro-text-input-tokens-priority", "input", "bedrock/amazon.nova-2-pro-v1:0"),
    ("USE1-NovaPro-cache-write-input-token-count-custom-model", "cache_write", "amazon.nova-pro-v1:0"),
    ("USE1-Llama3-2-1B-output-tokens", "output", "us.meta.llama3-2-1b-instruct-v1:0"),
    ("USE1-Llama4-Maverick-17B-input-tokens-batch", "input", "llama4-maverick-17b-instruct"),
    ("EU-Qwen3-VL-235B-A22B-input-tokens", "input", "qwen.qwen3-vl-235b-a22b"),
    ("USE1-Qwen3-32B-input-tokens-cross-region-global", "input", "bedrock/qwen.qwen3-32b-v1:0"),
    ("USE1-GPT-OSS-Safeguard-120B-output-tokens-batch", "output", "openai.gpt-oss-safeguard-120b-1:0"),
    ("USE1-Gemma-3-4B-IT-input-tokens-flex", "input", "google.gemma-3-4b-it"),
]  # fmt: skip
VERTEX = [
    ("Gemini 2.5 Pro Text Output - Predictions", "output", "vertex_ai/gemini-2.5-pro"),
    ("Gemini 2.5 Flash GA Thinking Text Output - Predictions", "output", "gemini-2.5-flash"),
    ("Gemini 2.5 Flash Lite Text Input - Predictions", "input", "google/gemini-2.5-flash-lite"),
    ("Gemini 2.5 Pro Text Input Caching (Long)", "cached_input", "gemini-2.5-pro"),
    ("Gemini 3.0 Pro Text Input (Long) - Predictions", "input", "gemini-3-pro-preview"),
    ("Gemini 3.1 Flash Image Text Input - Predictions", "input", "gemini-3.1-flash-image"),
    ("Gemini 3.5 Flash Global Text Output - Predictions", "output", "gemini-3.5-flash"),
    ("Gemini 1.5 Flash Text Input - Predictions", "input", "gemini/gemini-1.5-flash-002"),
    ("Generate content cached input token count gemini 3.5 flash text", "cached_input", "gemini-3.5-flash"),
    ("Generate content output token count gemini 2.5 flash short output text non-thinking", "output",
     "gemini-2.5-flash-preview-05-20"),
    ("Generate_content text input token count for gemini 3 pro short", "input", "gemini-3-pro"),
    ("Cloud Vertex AI Model Garden Model as a Service GLM-5.2 Input", "input", "glm-5.2"),
]  # fmt: skip
AZURE = [
    ("gpt 4.1 Inp glbl Tokens", "input", "azure/gpt-4.1"),
    ("gpt 4.1 nano cached Inp glbl Tokens", "cached_input", "gpt-4.1-nano-2025-04-14"),
    ("gpt 4o 1120 cached Inp glbl Tokens", "cached_input", "azure/eu/gpt-4o-2024-11-20"),
    ("gpt-4o 1120 Outp glbl Tokens", "output", "gpt-4o"),
    ("gpt 4o mini 0718 Inp regnl Tokens", "input", "gpt-4o-mini"),
    ("GPT 5 outpt Glbl 1M Tokens", "output", "gpt-5"),
    ("GPT 5 Mini inp Gl 1M Tokens", "input", "gpt-5-mini"),
    ("GPT 5 Inpt Glbl 1M Tokens", "input", "gpt-5-2025-08-07"),
    ("GPT 5.2 chat inp Gl 1M Tokens", "input", "gpt-5.2-chat"),
    ("5.4 inp Gl 1M Tokens", "input", "gpt-5.4"),
    ("5.4 opt Gl 1M Tokens", "output", "gpt-5.4"),
    ("5.4 cd inp Gl 1M Tokens", "cached_input", "gpt-5.4"),
    ("5.4 mini Inp Gl 1M Tokens", "input", "gpt-5.4-mini"),
    ("5.5 ShortCo inp Gl 1M Tokens", "input", "gpt-5.5"),
    ("5 mini pp Inp Gl 1M Tokens", "input", "gpt-5-mini"),
    ("o4-mini 0416 Inp glbl Tokens", "input", "o4-mini-2025-04-16"),
    ("o3 0416 Outp glbl Tokens", "output", "azure/o3"),
    ("gpt-oss-120B Inp glbl Tokens", "input", "gpt-oss-120b"),
    ("V4 Pro Inp glbl Tokens", "input", "deepseek-v4-pro"),
    ("Grok 4.1 Outp Glbl Tokens", "output", "grok-4-1-fast-reasoning"),
]  # fmt: skip


@pytest.mark.parametrize(("meter", "tokens", "gateway"), BEDROCK + VERTEX + AZURE)
def test_a_meter_is_the_model_that_gateways_name(meter: str, tokens: str, gateway: str) -> None:
    charge = {"sku_meter": meter}
    assert billed_model(charge) == plain_model(gateway)
    assert token_class(charge) == tokens


@pytest.mark.parametrize(
    ("service", "gateway"),
    [
        ("Claude Opus 4.6 (Amazon Bedrock Edition)", "us.anthropic.claude-opus-4-6-v1:0"),
        ("Claude Sonnet 4 (Amazon Bedrock Edition)", "claude-sonnet-4"),
        ("Claude 3.5 Sonnet v2 (Amazon Bedrock Edition)", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
    ],
)
def test_a_line_of_the_marketplace_has_its_model_in_the_services_name(service: str, gateway: str) -> None:
    charge = {"x_UsageType": "USE1-MP:USE1_CacheReadInputTokenCount-Units", "service_name": service}
    assert recognise(charge, of_a_node=False).kind == "provider_api"
    assert (billed_model(charge), token_class(charge)) == (plain_model(gateway), "cached_input")


@pytest.mark.parametrize(
    ("one", "other"),
    [("gpt-4.1", "gpt-4.1-mini"), ("gemini-2.5-flash", "gemini-2.5-flash-lite"), ("gpt-5", "gpt-5.4"),
     ("claude-sonnet-4", "claude-sonnet-4-5"), ("deepseek.r1-v1:0", "deepseek.v3-v1:0")],
)  # fmt: skip
def test_models_that_differ_stay_apart(one: str, other: str) -> None:
    assert plain_model(one) != plain_model(other)


def test_a_meter_that_no_row_knows_is_kept_by_its_name() -> None:
    charge = {"sku_meter": "USE1-Fantasia9-input-tokens", "service_name": "Amazon Bedrock"}
    account = account_of(charge)
    assert (account.model, account.meter) == ("", "USE1-Fantasia9-input-tokens")
    assert account_in(account.text) == account


def test_a_name_that_the_seller_gives_comes_before_the_meter() -> None:
    assert billed_model({"x_Model": "gpt-4.1-2025-04-14", "sku_meter": "gpt 5 Inp glbl Tokens"}) == "gpt-4-1"


def test_cached_tokens_that_lie_there_by_the_hour_are_of_no_class() -> None:
    assert not token_class({"sku_meter": "Gemini 3 Flash Text Input Caching Storage"})


def test_every_group_names_its_source_and_date() -> None:
    assert all(group["source"].startswith("https://") and group["date"] for group in groups("models"))
