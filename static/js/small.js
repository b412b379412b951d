// Small comforts. Every page works without this file.
(() => {
  "use strict";

  // "Copy link": everything that a page shows is in its address.
  async function copyLink(button) {
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(location.href);
      label.textContent = "Link copied";
    } catch {
      label.textContent = "Copy the address bar";
    }
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  // A preset replaces the two dates, and a date typed by hand replaces the preset.
  function settlePeriod(field) {
    const form = field.form;
    if (field.name === "period") {
      form.querySelectorAll("input[type=date]").forEach((date) => { date.value = ""; });
    } else if (field.type === "date" && form.elements.period && field.value) {
      form.elements.period.value = "";
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-link]");
    if (button) copyLink(button);
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest(".bar")) settlePeriod(event.target);
  });
})();
