// Everything that this tab is sending. It outlives Streamlit's reruns and page changes; views come and go.

import { forgetEntry, recall, remember } from "./memory.js"
import { Meter } from "./meter.js"
import { Watcher } from "./saving.js"
import { BrokenError, RefusedError, UPLOADS, deliver, json, readable, terminate } from "./transfer.js"
import { limitText } from "./words.js"

// Two files at a time; tiny ones up to six, so that many small files are quick and need not wait behind large ones.
const LARGE_AT_ONCE = 2
const CONNECTIONS = 6
const TINY_BYTES = 1024 * 1024
// What a file costs besides its bytes: without it, many small ones would seem to be nearly done at once.
export const FILE_COST_BYTES = 512 * 1024
const LONGEST_PAUSE_S = 30
const SERVER_ERRORS_BORNE = 8
const UNFINISHED = new Set(["waiting", "sending", "retrying", "paused", "saving"])
const GOING = new Set(["waiting", "sending", "retrying"])

const isTiny = ({ size }) => size <= TINY_BYTES

export class Queue extends EventTarget {
  entries = []
  meter = new Meter() // of bytes
  pace = new Meter() // of bytes and files
  #counter = 0
  #newSessions = new Map()
  #watcher = new Watcher(
    () => this.entries.filter((entry) => entry.state === "saving"),
    (entry, answer) => this.#learn(entry, answer),
  )

  constructor() {
    super()
    addEventListener("online", () => this.retryLost())
  }

  /** Tell whether anything would be cut off by leaving the page. */
  get busy() {
    return this.entries.some((entry) => GOING.has(entry.state))
  }

  get unfinished() {
    return this.entries.some((entry) => UNFINISHED.has(entry.state))
  }

  /** Take files as { file, path } for a target { sessionId, title, lectureId, folders, maxBytes }. */
  add(files, target) {
    if (!this.unfinished) this.#beginBatch()
    const fresh = files.map(({ file, path = "", uploadId = null, recording = null }) =>
      this.#entry({ file, name: file.name, path, size: file.size, target, uploadId, recording }),
    )
    for (const entry of fresh) this.#admit(entry)
    this.entries.push(...fresh)
    this.#pump()
  }

  /** Take up an upload whose bytes the server has already, e.g. after a reload while it was saving. */
  adopt({ id, name, length, state, error, session_id: sessionId }) {
    const entry = this.#entry({ name, size: length, uploadId: id, target: { sessionId } })
    Object.assign(entry, { state, error, offset: length, sent: length })
    this.entries.push(entry)
    if (state === "saving") this.#await(entry)
    this.changed()
  }

  #beginBatch() {
    this.meter = new Meter()
    this.pace = new Meter()
    this.entries = this.entries.filter((entry) => entry.state !== "saved" || needsChoice(entry))
  }

  #entry(values) {
    this.#counter += 1
    const blank = { file: null, path: "", offset: 0, sent: 0, uploadId: null, recording: null, request: null }
    const run = { state: "waiting", error: null, result: null, broken: 0, meter: new Meter(), retryAt: 0 }
    return { key: this.#counter, ...blank, ...run, ...values }
  }

  #admit(entry) {
    const limit = entry.target.maxBytes
    if (limit && entry.size > limit) {
      const message = `It is larger than ${limitText(limit)}, the most that one file may have here.`
      return this.#fail(entry, { message, final: true })
    }
    // A session that is still to be made has no number yet to remember the file by.
    if (!entry.target.sessionId && !makesOwnSession(entry)) return undefined
    entry.uploadId ??= recall(entry)?.uploadId ?? null
    return remember(entry)
  }

  #pump() {
    this.changed()
    // While the connection is gone, one file knocks at the door; the rest wait.
    if (this.entries.some((entry) => entry.state === "retrying" && entry.lost)) return
    const sending = this.entries.filter(({ state }) => state === "sending")
    const waiting = this.entries.filter(({ state }) => state === "waiting")
    let tiny = sending.filter(isTiny).length
    let large = sending.length - tiny
    for (const entry of waiting.filter((entry) => !isTiny(entry)).slice(0, LARGE_AT_ONCE - large)) {
      large += 1
      this.#run(entry)
    }
    for (const entry of waiting.filter(isTiny)) {
      if (tiny >= CONNECTIONS - 2 * large) break
      tiny += 1
      this.#run(entry)
    }
  }

  async #run(entry) {
    const controller = new AbortController()
    Object.assign(entry, { state: "sending", controller, meter: new Meter() })
    try {
      await this.#ready(entry)
      await deliver(entry, this.#hooks(entry, controller.signal))
      entry.broken = 0
      this.#await(entry)
    } catch (error) {
      if (error.name !== "AbortError") await this.#broke(entry, error)
    }
    this.#pump()
  }

  #hooks(entry, signal) {
    const onSent = (bytes) => {
      for (const meter of [this.meter, this.pace, entry.meter]) meter.add(Math.max(0, bytes - entry.sent))
      entry.sent = bytes
      this.changed()
    }
    const onKept = () => {
      onSent(entry.offset)
      entry.broken = 0
      remember(entry)
    }
    return { signal, onSent, onKept }
  }

  /** See to it that the session exists: a new one is made with the first file. */
  async #ready({ target, path }) {
    if (target.sessionId || makesOwnSession({ target, path })) return
    if (!this.#newSessions.has(target.title)) {
      this.#newSessions.set(target.title, json("POST", "/api/v1/sessions", { title: target.title }))
    }
    try {
      target.sessionId = (await this.#newSessions.get(target.title)).id
      this.dispatchEvent(new CustomEvent("session", { detail: target.sessionId }))
    } catch (error) {
      this.#newSessions.delete(target.title)
      throw error
    }
  }

  /** Python has seen the new session: the same title would now mean another one. */
  known(sessionId) {
    for (const [title, made] of this.#newSessions) {
      made.then(({ id }) => id === sessionId && this.#newSessions.delete(title), () => {})
    }
  }

  async #broke(entry, error) {
    if (error instanceof RefusedError) return this.#fail(entry, error)
    if (!(error instanceof BrokenError)) {
      console.error(error)
      return this.#fail(entry, { message: `Something unexpected happened in this page: ${error.message}` })
    }
    if (!(await readable(entry.file, entry.offset))) {
      const message = "It was changed, moved or removed on your device while it was being sent."
      return this.#fail(entry, { message, fix: "Choose it again.", final: true })
    }
    if (entry.state !== "sending") return undefined
    entry.broken += 1
    entry.lost = error.lost
    if (!entry.lost && entry.broken > SERVER_ERRORS_BORNE) return this.#fail(entry, error)
    return this.#retryLater(entry, error)
  }

  #retryLater(entry, error) {
    const growing = Math.min(LONGEST_PAUSE_S, 0.5 * 2 ** (entry.broken - 1)) * (0.75 + Math.random() / 2)
    const seconds = Math.max(growing, error.retryAfterSeconds)
    Object.assign(entry, { state: "retrying", sent: entry.offset, error, retryAt: Date.now() + 1000 * seconds })
    clearTimeout(entry.timer)
    entry.timer = setTimeout(() => this.#again(entry), 1000 * seconds)
  }

  #again(entry) {
    if (entry.state !== "retrying") return
    entry.state = "waiting"
    this.#pump()
  }

  retryLost() {
    this.entries.filter((entry) => entry.lost).forEach((entry) => this.#again(entry))
  }

  #fail(entry, { message, fix = "", code = "", final = false }) {
    Object.assign(entry, { state: "failed", error: { message, fix, code, final } })
    if (final) forgetEntry(entry)
    this.changed()
  }

  pause(entry) {
    if (!GOING.has(entry.state)) return
    Object.assign(entry, { state: "paused", sent: entry.offset })
    entry.controller?.abort()
    this.#pump()
  }

  resume(entry) {
    if (entry.state === "paused") entry.state = "waiting"
    this.#pump()
  }

  /** Take the entry off the list; what the server has of an unfinished one is thrown away. */
  async cancel(entry) {
    const { state, uploadId } = entry
    entry.state = "cancelled"
    entry.controller?.abort()
    clearTimeout(entry.timer)
    forgetEntry(entry)
    this.entries = this.entries.filter((other) => other !== entry)
    this.dispatchEvent(new CustomEvent("gone", { detail: entry }))
    this.#pump()
    if (uploadId && state !== "saved") await terminate(uploadId)
  }

  /** Try a failed one again: the saving alone, when the server has all bytes already. */
  async retry(entry) {
    if (!entry.uploadId || entry.offset < entry.size) {
      Object.assign(entry, { state: "waiting", error: null, broken: 0 })
      return this.#pump()
    }
    try {
      await json("POST", `${UPLOADS}${entry.uploadId}/retry`)
    } catch (error) {
      return this.#fail(entry, error)
    }
    entry.error = null
    return this.#await(entry)
  }

  /** Answer "the same file is already there": keep both, or show the other one here and drop this copy. */
  async choose(entry, existing) {
    entry.choosing = true
    this.changed()
    try {
      const choice = `/api/v1/files/${entry.result.file.id}/use-existing`
      if (existing) await json("POST", choice, { existing_id: existing.file_id })
      entry.choice = existing ? "used" : "kept"
      if (existing) this.dispatchEvent(new CustomEvent("saved", { detail: entry }))
    } catch (error) {
      entry.choiceError = error.message
    }
    entry.choosing = false
    this.changed()
  }

  clearSaved() {
    this.entries = this.entries.filter((entry) => entry.state !== "saved" || needsChoice(entry))
    this.changed()
  }

  /** All bytes are there: ask until the server says saved or failed. */
  #await(entry) {
    Object.assign(entry, { state: "saving", sentAt: performance.now(), checkedAt: 0 })
    this.#watcher.start()
  }

  #learn(entry, { result, error }) {
    if (entry.state !== "saving") return
    if (error) this.#fail(entry, error)
    else if (result.state === "failed") this.#fail(entry, result.error)
    else if (result.state === "receiving") entry.state = entry.file ? "waiting" : "failed"
    else this.#saved(entry, result)
    this.#pump()
  }

  #saved(entry, result) {
    Object.assign(entry, { state: "saved", result, error: null })
    forgetEntry(entry)
    this.pace.add(FILE_COST_BYTES)
    this.dispatchEvent(new CustomEvent("saved", { detail: entry }))
  }

  changed() {
    this.dispatchEvent(new Event("change"))
  }
}

/** Tell whether the server makes a session of the file's folder. */
export function makesOwnSession({ target, path }) {
  return Boolean(path) && target.folders === "session"
}

/** Tell whether a saved file still waits for "keep both" or "use that one". */
export function needsChoice(entry) {
  return entry.state === "saved" && entry.result.duplicates?.length > 0 && !entry.choice
}
