// What chance decides for a person, as surveys/draws.py does: sorted by the SHA-256 of "seed:name:item".
// The digest is our own because the walk is synchronous, and the browser's is not. FIPS 180-4, sections 4 to 6.

const PRIMES = [];
for (let candidate = 2; PRIMES.length < 64; candidate += 1) {
  if (PRIMES.every((prime) => candidate % prime)) PRIMES.push(candidate);
}

// The first 32 bits behind the point of a root, exactly: by whole numbers, since doubles have no room for them.
function bits(prime, degree) {
  const scaled = BigInt(prime) << BigInt(32 * degree);
  let [low, high] = [0n, 1n << 40n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= scaled) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

const ROUNDS = PRIMES.map((prime) => bits(prime, 3));
const BEGINNING = PRIMES.slice(0, 8).map((prime) => bits(prime, 2));
const turn = (word, by) => (word >>> by) | (word << (32 - by));

// The digest of a text, as 64 hexadecimal digits.
export function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(((bytes.length + 72) >> 6) << 6);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(padded.length - 4, bytes.length << 3);
  let state = BEGINNING.slice();
  const words = new Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(at + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [near, far] = [words[i - 15], words[i - 2]];
      const first = turn(near, 7) ^ turn(near, 18) ^ (near >>> 3);
      const second = turn(far, 17) ^ turn(far, 19) ^ (far >>> 10);
      words[i] = (words[i - 16] + first + words[i - 7] + second) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const choice = (e & f) ^ (~e & g);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + ROUNDS[i] + words[i]) | 0;
      const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    state = [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

const drawn = (seed, name, item) => sha256(`${seed}:${name}:${item}`);
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

export function drawnOrder(items, seed, name) {
  const keyed = items.map((item) => [drawn(seed, name, item), item]);
  return keyed.sort((a, b) => compare(a[0], b[0])).map(([, item]) => item);
}

export const drawnArm = (arms, seed, name) =>
  arms[Number(BigInt(`0x${drawn(seed, name, "arm").slice(0, 16)}`) % BigInt(arms.length))];

// The statement to show at this place. No votes are known here, so that each has the same weight: then the race of
// surveys/statements.py is won by the largest of the first 56 bits.
export function drawnStatement(names, seed, at) {
  const keyed = names.map((name) => [sha256(`${seed}:${at}:${name}`).slice(0, 14), name]);
  return keyed.reduce((best, one) => (best === null || one[0] > best[0] ? one : best), null)?.[1] ?? "";
}
