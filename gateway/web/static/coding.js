// Coding by keyboard: a digit ticks the theme that bears it, Enter keeps what is ticked.

const form = document.getElementById("coding");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("select, summary, a, textarea, input:not([type=checkbox])");
  if (!form || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && !event.target.closest("button")) {
    event.preventDefault();
    form.requestSubmit();
  } else if (/^[0-9]$/.test(event.key)) {
    const tick = form.querySelector(`[data-key="${event.key}"]`);
    if (!tick) return;
    event.preventDefault();
    tick.checked = !tick.checked;
    tick.focus();
  }
});
