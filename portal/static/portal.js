// Only what htmx cannot do. Everything works without it.
(() => {
  // The reader's zone, so that times are theirs from the first page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = document.cookie.match(/(?:^|; )zone=([^;]*)/);
  if (zone && (!known || known[1] !== zone)) {
    document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax`;
    const follows = document.documentElement.dataset.zone;
    if (follows && follows !== zone && /(?:^|; )zone=/.test(document.cookie)) location.reload();
  }

  // "Held for you for 9:41"
  for (const clock of document.querySelectorAll("[data-seconds]")) {
    const end = Date.now() + clock.dataset.seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left) setTimeout(tick, 1000);
    };
    tick();
  }

  // The chosen day of a strip is in view.
  const chosen = document.querySelector(".days [aria-current]");
  if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft - 16;

  // A request that failed says so.
  const toast = document.getElementById("toast");
  const say = (text) => { toast.textContent = text; setTimeout(() => { toast.textContent = ""; }, 5000); };
  document.addEventListener("htmx:error", () => say("No connection. What you see may be old."));
  document.addEventListener("htmx:response:error", ({ detail }) => {
    // A form that is not complete says so in its own place.
    if (detail.ctx.response.status !== 422) say("That did not work. Please try again.");
  });
})();
