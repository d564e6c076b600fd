/* Passkeys, printing and copying. Each button stays hidden where the browser can't do it. */
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const letters = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((item) => ({ ...item, id: bytes(item.id) }));

  const make = (asked) =>
    navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: known(asked.excludeCredentials),
      },
    });
  const use = (asked) =>
    navigator.credentials.get({
      publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) },
    });

  const plain = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = letters(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id,
      rawId: letters(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
      response,
    });
  };

  const WORDS = {
    NotAllowedError: "Nothing was confirmed. Try once more, or use another way.",
    InvalidStateError: "This device has a passkey for you already.",
    NotSupportedError: "This device can’t make such a passkey. Use another way.",
  };

  const ask = async (form) => {
    const options = form.dataset.options
      ? JSON.parse(form.dataset.options)
      : (await (await fetch(form.action, { headers: { Accept: "application/json" } })).json()).request_options;
    return (form.dataset.passkey === "make" ? make : use)(options.publicKey);
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!window.PublicKeyCredential || !navigator.credentials?.create) break;
    const note = form.querySelector("[data-passkey-trouble]");
    form.querySelector("[data-passkey-button]").hidden = false;
    form.querySelector("[data-passkey-none]")?.remove();
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      note.hidden = true;
      try {
        form.elements.credential.value = plain(await ask(form));
        form.submit();
      } catch (error) {
        note.textContent = WORDS[error.name] || "The passkey did not work here. Use another way.";
        note.hidden = false;
      }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      const said = document.querySelector("[data-copy-said]");
      try {
        await navigator.clipboard.writeText(field.value);
        said.textContent = "Copied.";
      } catch {
        field.select();
        said.textContent = "It was not copied. The link is marked now: copy it by hand.";
      }
    });
  }
})();
