// One file's way to the server by tus 1.0.0: slices, resumed from the server's own offset.

export const LIST = "/api/v1/uploads"
export const UPLOADS = `${LIST}/`
export const SLICE_BYTES = 8 * 1024 * 1024
// Where a slice takes a blink, larger ones spare half the time; the server keeps what came of a broken one.
const LARGEST_SLICE_BYTES = 4 * SLICE_BYTES
const BLINK_MS = 500
const STALL_MS = 60_000
const OURS = { "X-Study-Buddy": "1" }
const TUS = { ...OURS, "Tus-Resumable": "1.0.0" }
const SLICE_TYPE = "application/offset+octet-stream"
const WORTH_RETRYING = new Set([0, 408, 409, 423, 425, 429, 460, 500, 502, 503, 504])

/** The server said no; the same request would be refused again. */
export class RefusedError extends Error {
  constructor(status, { message, fix = "", code = "" }) {
    super(message)
    Object.assign(this, { status, fix, code })
  }
}

/** The connection or the server failed; the same request may succeed later. */
export class BrokenError extends Error {
  constructor(message, { lost, retryAfterSeconds }) {
    super(message)
    Object.assign(this, { lost, retryAfterSeconds })
  }
}

/** Send one request; XMLHttpRequest, because fetch tells no progress of what it sends. */
function request(method, url, { headers = {}, body = null, signal = null, onProgress = null } = {}) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    let stalled = null
    const watch = () => {
      clearTimeout(stalled)
      stalled = setTimeout(() => xhr.abort(), STALL_MS)
    }
    const stop = () => xhr.abort()
    xhr.open(method, url)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = (event) => {
      watch()
      onProgress?.(event.loaded)
    }
    xhr.onloadend = () => {
      clearTimeout(stalled)
      signal?.removeEventListener("abort", stop)
      if (signal?.aborted) reject(new DOMException("stopped", "AbortError"))
      else resolve(xhr)
    }
    if (signal?.aborted) return reject(new DOMException("stopped", "AbortError"))
    signal?.addEventListener("abort", stop)
    watch()
    xhr.send(body)
  })
}

async function accepted(method, url, options) {
  const xhr = await request(method, url, options)
  if (xhr.status >= 200 && xhr.status < 300) return xhr
  const error = errorOf(xhr)
  if (!WORTH_RETRYING.has(xhr.status)) throw new RefusedError(xhr.status, error)
  const retryAfterSeconds = Number(xhr.getResponseHeader("Retry-After")) || 0
  throw new BrokenError(error.message, { lost: xhr.status === 0, retryAfterSeconds })
}

function errorOf(xhr) {
  if (xhr.status === 0) return { message: "the connection was lost" }
  const plain = { message: `the server answered ${xhr.status} ${xhr.statusText}`.trim() }
  if (!xhr.getResponseHeader("Content-Type")?.startsWith("application/json")) return plain
  return JSON.parse(xhr.responseText).error ?? plain
}

/** Ask for, or change, one of our own JSON resources. */
export async function json(method, url, body) {
  const headers = { ...OURS, Accept: "application/json" }
  if (body !== undefined) headers["Content-Type"] = "application/json"
  const xhr = await accepted(method, url, { headers, body: body === undefined ? null : JSON.stringify(body) })
  return xhr.responseText ? JSON.parse(xhr.responseText) : null
}

export function statusOf(uploadId) {
  return json("GET", UPLOADS + uploadId)
}

/** End an upload on the server; one that is gone already is no error. */
export async function terminate(uploadId) {
  try {
    await accepted("DELETE", UPLOADS + uploadId, { headers: TUS })
  } catch (error) {
    if (!(error instanceof RefusedError && [404, 410].includes(error.status))) throw error
  }
}

/** A random name; crypto.randomUUID exists on https and localhost only. */
export function randomToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

function metadataOf({ file, name, path, target, request: token }) {
  const pairs = {
    filename: name,
    filetype: file.type,
    session: target.sessionId,
    lecture: target.lectureId,
    relative_path: path,
    last_modified: file.lastModified,
    folders: path ? target.folders : "",
    request: token,
  }
  const told = Object.entries(pairs).filter(([, value]) => value !== "" && value !== null && value !== undefined)
  return told.map(([key, value]) => `${key} ${base64(String(value))}`).join(",")
}

/** Send the whole file from where the server has it. `hooks`: signal, onSent(bytes), onKept(). */
export async function deliver(entry, hooks) {
  entry.sliceBytes = SLICE_BYTES
  if (!entry.uploadId && entry.request) await findLost(entry)
  if (entry.uploadId) await findOffset(entry, hooks)
  if (!entry.uploadId) await create(entry, hooks)
  while (entry.offset < entry.size) await sendSlice(entry, hooks)
}

/** The answer to a creation was lost: what the server took of it must not become a second file. */
async function findLost(entry) {
  const { uploads } = await json("GET", `${LIST}?request=${entry.request}`)
  entry.uploadId = uploads[0]?.id ?? null
}

async function findOffset(entry, { signal, onKept }) {
  try {
    const xhr = await accepted("HEAD", UPLOADS + entry.uploadId, { headers: TUS, signal })
    entry.offset = Number(xhr.getResponseHeader("Upload-Offset"))
  } catch (error) {
    if (!(error instanceof RefusedError && [404, 410].includes(error.status))) throw error
    Object.assign(entry, { uploadId: null, offset: 0 })
  }
  onKept()
}

/** Begin an upload; a file of one slice goes along, so that it costs a single request. */
async function create(entry, { signal, onSent, onKept }) {
  const whole = entry.size > 0 && entry.size <= SLICE_BYTES
  entry.request ??= randomToken()
  const headers = { ...TUS, "Upload-Length": String(entry.size), "Upload-Metadata": metadataOf(entry) }
  if (whole) headers["Content-Type"] = SLICE_TYPE
  const body = whole ? entry.file : null
  const xhr = await accepted("POST", UPLOADS, { headers, body, signal, onProgress: whole ? onSent : null })
  entry.uploadId = xhr.getResponseHeader("Location").split("/").filter(Boolean).pop()
  entry.offset = Number(xhr.getResponseHeader("Upload-Offset") ?? 0)
  onKept()
}

async function sendSlice(entry, { signal, onSent, onKept }) {
  const start = entry.offset
  const headers = { ...TUS, "Content-Type": SLICE_TYPE, "Upload-Offset": String(start) }
  const body = entry.file.slice(start, start + entry.sliceBytes)
  const began = performance.now()
  const onProgress = (bytes) => onSent(start + Math.min(bytes, body.size))
  const options = { headers, body, signal, onProgress }
  const xhr = await accepted("PATCH", UPLOADS + entry.uploadId, options).catch((error) => {
    // A proxy on the way may take less than the server does.
    if (error.status !== 413 || body.size <= SLICE_BYTES) throw error
    entry.modest = true
    throw new BrokenError(error.message, { lost: false, retryAfterSeconds: 0 })
  })
  entry.offset = Number(xhr.getResponseHeader("Upload-Offset"))
  const quick = performance.now() - began < BLINK_MS
  if (quick && !entry.modest) entry.sliceBytes = Math.min(LARGEST_SLICE_BYTES, 2 * entry.sliceBytes)
  onKept()
}

/** Tell whether the chosen file can still be read as it was (it may have been moved or changed meanwhile). */
export async function readable(file, offset) {
  try {
    await file.slice(offset, offset + 1).arrayBuffer()
    return true
  } catch (error) {
    if (error instanceof DOMException) return false
    throw error
  }
}
