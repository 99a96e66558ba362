// Sealing. A finished interview is sealed to the gateway's key, and nothing on this phone opens it again; what is in
// progress is sealed with a key that is derived from the passphrase and kept nowhere. See gateway/store/envelopes.py.

const { subtle } = crypto ?? {};
const utf8 = new TextEncoder();
const INFO = utf8.encode("baraza interview 1");
const P256 = { name: "ECDH", namedCurve: "P-256" };

export const ITERATIONS = 600_000; // of PBKDF2 with SHA-256

export const canSeal = () => Boolean(subtle && globalThis.isSecureContext);
export const random = (length) => crypto.getRandomValues(new Uint8Array(length));

export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));

// To the gateway ---------------------------------------------------------------------------------------------------

// The envelope of this content. `key` is { number, point } as the gateway gave it.
export async function sealedTo(key, id, content) {
  const point = fromBase64(key.point);
  const theirs = await subtle.importKey("raw", point, P256, false, []);
  const own = await subtle.generateKey(P256, false, ["deriveBits"]);
  const ephemeral = new Uint8Array(await subtle.exportKey("raw", own.publicKey));
  const secret = await subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const base = await subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: joined(INFO, ephemeral, point) };
  const sealing = await subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = random(12);
  const data = utf8.encode(JSON.stringify(content));
  const sealed = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(id) }, sealing, data);
  const body = new Uint8Array(ephemeral.length + iv.length + sealed.byteLength);
  body.set(ephemeral);
  body.set(iv, ephemeral.length);
  body.set(new Uint8Array(sealed), ephemeral.length + iv.length);
  return { id, key: key.number, sealed: base64(body) };
}

// With the passphrase ----------------------------------------------------------------------------------------------

export async function keyOf(passphrase, salt, iterations) {
  const base = await subtle.importKey("raw", utf8.encode(passphrase.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

// `name` is what it is kept under: one record can't be put in another's place.
export async function sealed(key, name, content) {
  const iv = random(12);
  const data = utf8.encode(JSON.stringify(content));
  return { iv, data: await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(name) }, key, data) };
}

// Throws where the key is another, or the record was changed.
export async function unsealed(key, name, { iv, data }) {
  const plain = await subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(name) }, key, data);
  return JSON.parse(new TextDecoder().decode(plain));
}
