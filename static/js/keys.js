// Keys as second factors: what allauth's scripts leave to the page.
(() => {
  "use strict";

  const SAID = {
    NotAllowedError: "Nothing was confirmed: it was cancelled, or took too long. Try again.",
    InvalidStateError: "This key is known already.",
    SecurityError: "Browsers take keys only at a host name with https, not at an IP address.",
    NotSupportedError: "This browser has no way to use such a key.",
  };

  // "Enter" in a field means the button that asks for the key, not a form without one.
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("#key-button[type=button]");
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const { exception } = event.detail;
    const words = document.createElement("p");
    words.textContent = SAID[exception.name] || `The browser refused: ${exception.message}`;
    const notice = document.createElement("div");
    notice.className = "notice danger";
    notice.append(words);
    document.querySelector("[data-key-problem]").replaceChildren(notice);
  });
})();
