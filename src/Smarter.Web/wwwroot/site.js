// A chosen year is shown at once; without script the button beside the list does it.
for (const form of document.querySelectorAll("form[data-submit-on-change]")) {
  form.classList.add("submits-itself");
  form.addEventListener("change", () => form.submit());
}
