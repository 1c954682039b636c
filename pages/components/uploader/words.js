// Numbers and states in words for people.

const UNITS = [["TB", 1e12], ["GB", 1e9], ["MB", 1e6], ["KB", 1e3]]

/** Round a size for people, in powers of ten: 1.4 GB, 312 KB, 17 bytes. */
export function sizeText(bytes) {
  for (const [unit, factor] of UNITS) {
    if (bytes >= 0.9995 * factor) return `${rounded(bytes / factor)} ${unit}`
  }
  return bytes === 1 ? "1 byte" : `${bytes} bytes`
}

function rounded(value) {
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0)
}

/** Round a limit for people, without a needless decimal: 10 GB, 2.5 GB. */
export function limitText(bytes) {
  return sizeText(bytes).replace(".0 ", " ")
}

/** Say a part of a whole in one unit: 212 of 312 MB. */
export function partText(part, whole) {
  const [, unit, factor] = [null, ...(UNITS.find(([, size]) => whole >= 0.9995 * size) ?? ["bytes", 1])]
  const say = (bytes) => (factor === 1 ? String(bytes) : rounded(bytes / factor))
  return `${say(part)} of ${say(whole)} ${unit}`
}

/** Round a wait for people: 11 s, 4 min, 2 h 05 min. */
export function waitText(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
}

/** Round down, so that 100 % means done. */
export function percent(part, whole) {
  return whole ? Math.min(100, Math.floor((100 * part) / whole)) : 100
}

/** End words as a sentence, so that another one can follow. */
export function sentence(words) {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}

/** Say where a saved file is and, where it differs from what was wanted, why. */
export function savedText({ stored_in: place, wanted, reason }) {
  const saved = !place ? "saved" : place === "this computer" ? "saved on this computer" : `saved in ${place}`
  if (!wanted) return saved
  return `${saved}; will move to ${wanted} when it answers${reason ? `: ${reason}` : ""}`
}

/** Say what the same bytes are already called, and where. */
export function duplicateText({ name, session_id: sessionId, session_title: title }, entry) {
  const called = name === entry.name ? "" : ` as “${name}”`
  const place = sessionId === entry.result.session_id ? "this session" : `“${title}”`
  return `The same file is already in ${place}${called}.`
}
