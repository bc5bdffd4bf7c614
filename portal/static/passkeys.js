// Passkeys: a form asks the browser for one and sends what it says, as any form sends what was typed.
(() => {
  if (!window.PublicKeyCredential) return;
  for (const offered of document.querySelectorAll("[data-passkey], [data-passkey-offer]")) offered.hidden = false;
  for (const excuse of document.querySelectorAll("[data-no-passkey]")) excuse.hidden = true;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const read = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && {
      excludeCredentials: options.excludeCredentials.map((known) => ({ ...known, id: bytes(known.id) })),
    }),
  });
  const written = ({ id, rawId, type, response }) => {
    const said = { clientDataJSON: text(response.clientDataJSON) };
    for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (response[part]) said[part] = text(response[part]);
    }
    if (response.getTransports) said.transports = response.getTransports();
    return JSON.stringify({ id, rawId: text(rawId), type, response: said });
  };

  const ask = async (form) => {
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    const answer = await fetch(form.dataset.options, { method: "POST", body });
    if (answer.redirected) return location.assign(answer.url); // who it is must be shown again first
    if (!answer.ok) throw new Error(answer.statusText);
    form.elements.credential.value = written(
      await navigator.credentials[form.dataset.passkey]({ publicKey: read(await answer.json()) }),
    );
    form.submit();
  };

  for (const form of document.querySelectorAll("[data-passkey]")) {
    const said = form.querySelector("[role=alert]");
    let asks = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (asks) return;
      asks = true;
      said.textContent = "";
      try {
        await ask(form);
      } catch (error) {
        said.textContent = (error.name === "InvalidStateError" && form.dataset.known) || form.dataset.failed;
      }
      asks = false;
    });
  }
})();
