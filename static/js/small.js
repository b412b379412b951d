// Small comforts. Every page works without this file.
(() => {
  "use strict";

  // The button says for two seconds whether it has copied.
  async function copy(button, text, copied, otherwise) {
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = copied;
    } catch {
      label.textContent = otherwise;
    }
    setTimeout(() => { label.textContent = before; }, 2000);
  }

  // "Copy link": everything that a page shows is in its address.
  function copyLink(button) {
    copy(button, location.href, "Link copied", "Copy the address bar");
  }

  // What a field shows this once; selected, so that it can be copied by hand where browsers forbid it.
  function copyField(button) {
    const field = document.getElementById(button.dataset.copyField);
    field.select();
    copy(button, field.value, "Copied", "It is selected: copy it");
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
    const one = event.target.closest("[data-copy-field]");
    if (one) copyField(one);
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest(".bar")) settlePeriod(event.target);
  });
})();
