// Only what htmx cannot do. Everything works without it.
(() => {
  // The reader's zone, so that times are theirs from the first page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [name, secure] = location.protocol === "https:" ? ["__Host-zone", "; secure"] : ["zone", ""];
  const known = () => document.cookie.split("; ").includes(`${name}=${zone}`);
  if (zone && !known()) {
    document.cookie = `${name}=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
    const follows = document.documentElement.dataset.zone;
    if (follows && follows !== zone && known()) location.reload();
  }

  // "Held for you, 9:41 left"
  for (const clock of document.querySelectorAll("[data-seconds]")) {
    const end = Date.now() + clock.dataset.seconds * 1000;
    const tick = () => {
      const left = Math.max(0, Math.round((end - Date.now()) / 1000));
      clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left) setTimeout(tick, 1000);
    };
    tick();
  }

  // A code that is typed, or filled in by the phone, needs no tap.
  for (const field of document.querySelectorAll("[data-digits]")) {
    field.addEventListener("input", () => {
      const isWhole = field.value.replace(/[\s-]/g, "").length === Number(field.dataset.digits);
      if (isWhole && !field.dataset.sent) field.form.requestSubmit();
      if (isWhole) field.dataset.sent = "yes";
    });
  }

  // The chosen day of a strip is in view.
  const chosen = document.querySelector(".days [aria-current]");
  if (chosen) chosen.parentElement.scrollLeft = chosen.offsetLeft - chosen.parentElement.offsetLeft - 16;

  // Back to the list as it was left.
  const back = document.querySelector("a.back");
  const from = document.referrer ? new URL(document.referrer) : location;
  if (back && from.origin === location.origin && from.pathname === new URL(back.href).pathname) back.href = from.href;

  // A conversation asks for news while it is in sight, and rests while it is not.
  const ask = () => {
    if (document.hidden) return;
    for (const open of document.querySelectorAll("[data-poll]")) open.dispatchEvent(new Event("poll"));
  };
  setInterval(ask, 4000);
  document.addEventListener("visibilitychange", ask);

  // What two answers bring is shown once.
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    for (const { fragment } of detail.tasks) {
      for (const message of fragment.querySelectorAll(".message")) {
        if (document.getElementById(message.id)) message.remove();
      }
    }
  });

  // What was sent leaves its field once it has arrived; what was typed since stays.
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    const field = ctx.sourceElement.querySelector(":scope > .field > [data-sent]");
    if (!field || ctx.response.status >= 400) return;
    const sent = ctx.request.body.get(field.name).replaceAll("\r\n", "\n");
    if (field.value.startsWith(sent)) field.value = field.value.slice(sent.length);
    field.focus();
  });

  // A request that failed says so.
  const toast = document.getElementById("toast");
  const say = (text) => { toast.textContent = text; setTimeout(() => { toast.textContent = ""; }, 5000); };
  document.addEventListener("htmx:error", () => say("No connection. What you see may be old."));
  document.addEventListener("htmx:response:error", ({ detail }) => {
    // A form that is not complete, or too late, or sent too often, says so in its own place.
    if (![409, 422, 429].includes(detail.ctx.response.status)) say("That did not work. Please try again.");
  });
})();
