// MediaRecorder writes WebM as a live stream without its length; players can neither show nor seek it so.
// https://www.rfc-editor.org/rfc/rfc9559 (Matroska), elements as EBML: id, size, payload.

const HEAD_BYTES = 4096
const SEGMENT = 0x18538067
const INFO = 0x1549a966
const TIMESTAMP_SCALE = 0x2ad7b1
const DURATION = 0x4489
const CLUSTER = 0x1f43b675

/** Return the same recording with its length written into its head; as it was when its head is not understood. */
export async function withDuration(blob, lengthMs) {
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer())
  const info = findInfo(head)
  if (!info) return blob
  const payload = head.subarray(info.payload, info.end)
  const children = [...elements(payload, 0)]
  if (children.some(({ id }) => id === DURATION)) return blob
  const scale = children.find(({ id }) => id === TIMESTAMP_SCALE)
  const nanoseconds = scale ? number(payload.subarray(scale.payload, scale.end)) : 1_000_000
  const longer = concat(payload, durationElement((lengthMs * 1_000_000) / nanoseconds))
  const parts = [head.subarray(0, info.start), idBytes(INFO), sizeBytes(longer.length), longer, blob.slice(info.end)]
  return new Blob(parts, { type: blob.type })
}

/** Find the Info element of a Segment of unknown size (only there may bytes be inserted). */
function findInfo(head) {
  for (const element of elements(head, 0)) {
    if (element.id !== SEGMENT) continue
    if (element.size !== null) return null
    for (const child of elements(head, element.payload)) {
      if (child.id === INFO) return child.end <= head.length ? child : null
      if (child.id === CLUSTER) return null
    }
  }
  return null
}

function* elements(bytes, from) {
  for (let at = from; at < bytes.length; ) {
    const idLength = Math.clz32(bytes[at]) - 23
    const sizeLength = Math.clz32(bytes[at + idLength]) - 23
    const payload = at + idLength + sizeLength
    if (idLength > 4 || sizeLength > 8 || payload > bytes.length) return
    const id = number(bytes.subarray(at, at + idLength))
    const size = sizeOf(bytes.subarray(at + idLength, payload))
    yield { id, size, start: at, payload, end: size === null ? Infinity : payload + size }
    at = size === null ? bytes.length : payload + size
  }
}

function sizeOf(bytes) {
  const value = number(bytes) - 2 ** (7 * bytes.length)
  return value === 2 ** (7 * bytes.length) - 1 ? null : value
}

function number(bytes) {
  return bytes.reduce((value, byte) => value * 256 + byte, 0)
}

function idBytes(id) {
  return new Uint8Array([24, 16, 8, 0].map((shift) => (id >>> shift) & 255))
}

function sizeBytes(size) {
  return new Uint8Array([0x10 | (size >>> 24), (size >>> 16) & 255, (size >>> 8) & 255, size & 255])
}

function durationElement(ticks) {
  const bytes = new Uint8Array([0x44, 0x89, 0x88, 0, 0, 0, 0, 0, 0, 0, 0])
  new DataView(bytes.buffer).setFloat64(3, ticks)
  return bytes
}

function concat(first, second) {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}
