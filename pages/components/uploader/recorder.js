// Records from the microphone. Lives as long as the tab; each chunk is kept in the browser's database at once.

import { chunksOf, dropRecording, keepChunk, keepRecording, recordings } from "./chunks.js"
import { isAliveElsewhere, tabId } from "./memory.js"
import { withDuration } from "./webm.js"

const CHUNK_MS = 5000
const BITS_PER_SECOND = 64_000
const TYPES = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/ogg;codecs=opus", "ogg"],
  ["audio/mp4", "m4a"],
]
const REFUSALS = {
  NotAllowedError: "The browser did not allow the microphone. Allow it beside the address bar, then record again.",
  NotFoundError: "No microphone was found. Plug one in, then press Record again.",
  NotReadableError: "Another program is using the microphone. Close it there, then press Record again.",
}

/** Say why nothing can be recorded in this browser, or "" when it can. */
export function whyNot() {
  if (!globalThis.isSecureContext) return "Recording needs https, or http://localhost on this computer itself."
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return "This browser cannot record."
  return ""
}

function nameFor(startedAt, extension) {
  const two = (number) => String(number).padStart(2, "0")
  const at = new Date(startedAt)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `Recording ${day} ${two(at.getHours())}.${two(at.getMinutes())}.${extension}`
}

async function fileOf(recording, blobs) {
  const whole = new Blob(blobs, { type: recording.type.split(";")[0] })
  const body = whole.type === "audio/webm" ? await withDuration(whole, recording.lengthMs) : whole
  return new File([body], recording.name, { type: whole.type, lastModified: recording.startedAt })
}

export class Recorder extends EventTarget {
  recording = null
  paused = false
  warning = ""
  #media = null
  #stream = null
  #analyser = null
  #blobs = []
  #ranMs = 0
  #resumedAt = 0
  #writing = Promise.resolve()

  get active() {
    return this.recording !== null
  }

  get elapsedMs() {
    return this.#ranMs + (this.active && !this.paused ? performance.now() - this.#resumedAt : 0)
  }

  /** The present loudness, 0 to 1. */
  get level() {
    if (!this.#analyser || this.paused) return 0
    const samples = new Float32Array(this.#analyser.fftSize)
    this.#analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
    // From -60 dB to 0 dB.
    return Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-12)) / 60))
  }

  /** Ask for the microphone and begin; returns a plain sentence when that cannot be, else "". */
  async start(target) {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } })
    } catch (error) {
      return REFUSALS[error.name] ?? `The microphone could not be opened: ${error.message}`
    }
    const [type, extension] = TYPES.find(([candidate]) => MediaRecorder.isTypeSupported(candidate)) ?? ["", "webm"]
    const startedAt = Date.now()
    const kept = { id: `${startedAt}-${tabId}`, tab: tabId, lengthMs: 0, stopped: false }
    this.recording = { ...kept, name: nameFor(startedAt, extension), type, startedAt, target }
    await this.#begin(type)
    return ""
  }

  async #begin(type) {
    Object.assign(this, { paused: false, warning: "" })
    this.#blobs = []
    this.#ranMs = 0
    this.#media = new MediaRecorder(this.#stream, { mimeType: type, audioBitsPerSecond: BITS_PER_SECOND })
    this.#media.ondataavailable = ({ data }) => this.#keep(data)
    // The microphone may be unplugged, or the system may end it.
    this.#stream.getTracks().forEach((track) => (track.onended = () => this.stop()))
    const context = new AudioContext()
    this.#analyser = context.createAnalyser()
    context.createMediaStreamSource(this.#stream).connect(this.#analyser)
    this.#media.start(CHUNK_MS)
    this.#resumedAt = performance.now()
    this.#changed()
  }

  #keep(data) {
    if (!data.size) return
    const number = this.#blobs.push(data) - 1
    this.recording.lengthMs = Math.round(this.elapsedMs)
    const row = { ...this.recording }
    this.#writing = this.#writing.then(() => keepChunk(row, number, data)).catch((error) => {
      this.warning = `This browser has no room to keep the recording safe (${error.message}). Stop and save it now.`
      this.#changed()
    })
  }

  pause() {
    if (this.paused || !this.active) return
    this.#ranMs = this.elapsedMs
    this.paused = true
    this.#media.pause()
    this.#media.requestData()
    this.#changed()
  }

  resume() {
    if (!this.paused) return
    this.paused = false
    this.#resumedAt = performance.now()
    this.#media.resume()
    this.#changed()
  }

  /** End the recording and hand its file over: an event "recorded" with { file, recording }. */
  async stop() {
    const recording = await this.#end()
    if (!recording) return
    recording.stopped = true
    await keepRecording(recording).catch((error) => console.warn("The recording is not kept in the browser:", error))
    const file = await fileOf(recording, this.#blobs)
    this.#blobs = []
    this.dispatchEvent(new CustomEvent("recorded", { detail: { file, recording } }))
  }

  async discard() {
    const recording = await this.#end()
    this.#blobs = []
    if (recording) await dropRecording(recording.id)
  }

  async #end() {
    const recording = this.recording
    if (!recording) return null
    recording.lengthMs = Math.round(this.elapsedMs)
    const media = this.#media
    const stopped = new Promise((resolve) => (media.onstop = resolve))
    if (media.state !== "inactive") media.stop()
    else media.onstop()
    await stopped
    this.#stream.getTracks().forEach((track) => track.stop())
    await this.#analyser.context.close()
    await this.#writing
    Object.assign(this, { recording: null, paused: false })
    this.#analyser = null
    this.#changed()
    return recording
  }

  #changed() {
    this.dispatchEvent(new Event("change"))
  }
}

/** List the recordings that no living tab is making or sending, oldest first. */
export async function unsaved() {
  if (!globalThis.indexedDB) return []
  const all = await recordings()
  return all.filter((recording) => !isAliveElsewhere(recording.tab)).sort((a, b) => a.startedAt - b.startedAt)
}

export async function restored(recording) {
  return fileOf(recording, await chunksOf(recording.id))
}
