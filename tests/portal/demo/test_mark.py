"""Invented rows and known passwords never come to real ones."""

import pytest

from portal.accounts.models import User
from portal.demo.mark import NotTheDemos, marked, span_of
from portal.demo.models import DemoMark
from portal.demo.span import Span

pytestmark = pytest.mark.django_db


def test_an_empty_database_becomes_the_demos(span: Span) -> None:
    assert span_of(marked(span, small=True)) == span


def test_a_database_with_an_account_is_left_alone(span: Span) -> None:
    User.objects.create(username="somebody")
    with pytest.raises(NotTheDemos, match="APPORTION_DATA"):
        marked(span)
    assert not DemoMark.objects.exists()


def test_the_next_start_goes_on_with_what_was_begun(span: Span) -> None:
    marked(span, small=True)
    User.objects.create(username="somebody")
    tomorrow = Span(span.end.replace(day=24), 45, 99)
    assert span_of(marked(tomorrow)) == span
