// Says before the upload that a file is too large, and while it lasts that it is under way.
for (const input of document.querySelectorAll("input[type=file][data-max-bytes]")) {
  input.addEventListener("change", () => {
    const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(bytes > Number(input.dataset.maxBytes) ? input.dataset.tooLarge : "");
    input.reportValidity();
  });
  input.form.addEventListener("submit", () => {
    const button = input.form.querySelector("button[data-sending]");
    document.getElementById("sending").textContent = button.dataset.sending;
    button.setAttribute("aria-disabled", "true");
  });
}
