// What was begun earlier and not finished: uploads that stopped, files never sent, recordings never saved.

import { dropRecording } from "./chunks.js"
import { fingerprint, forget, remembered, sentElsewhere } from "./memory.js"
import { restored, unsaved } from "./recorder.js"
import { BrokenError, LIST, json, terminate } from "./transfer.js"

export class Earlier extends EventTarget {
  unsent = []
  recordings = []
  #open = []
  #queue
  #recorder

  constructor(queue, recorder) {
    super()
    this.#queue = queue
    this.#recorder = recorder
  }

  /** What stopped, without what the queue goes on with, or has just begun and knows no number of yet. */
  get stopped() {
    const entries = this.#queue.entries.map((entry) => ({ id: entry.uploadId, wanted: entryPrint(entry) }))
    const isQueued = (item) => entries.some(({ id, wanted }) => (id ? id === item.id : wanted === fingerprint(item)))
    return this.#open.filter((item) => !isQueued(item))
  }

  async refresh() {
    await this.#refreshRecordings().catch((error) => console.warn("Kept recordings cannot be read:", error))
    const records = remembered()
    const listed = await this.#listed()
    if (listed) this.#compare(records, listed)
    this.unsent = records.filter((record) => !record.uploadId && !record.recording && !this.#isQueued(record))
    this.dispatchEvent(new Event("change"))
  }

  /** The server's unfinished uploads; null while it does not answer. */
  async #listed() {
    try {
      return (await json("GET", LIST)).uploads
    } catch (error) {
      if (error instanceof BrokenError) return null
      throw error
    }
  }

  #compare(records, listed) {
    const ids = new Set(listed.map(({ id }) => id))
    records.filter(({ uploadId }) => uploadId && !ids.has(uploadId)).forEach(forget)
    const elsewhere = sentElsewhere()
    const ours = new Map(records.map((record) => [record.uploadId, record]))
    const taken = new Set(this.#queue.entries.map(({ uploadId }) => uploadId))
    const recordings = new Set(this.recordings.map(({ name }) => name))
    const open = listed.filter(({ id, name }) => !taken.has(id) && !elsewhere.has(id) && !recordings.has(name))
    open.filter(({ state }) => state !== "receiving").forEach((upload) => this.#queue.adopt(upload))
    this.#open = open
      .filter(({ id, state }) => state === "receiving" && !ours.get(id)?.recording)
      .map(stoppedItem)
  }

  /** Find the stopped upload, of this browser or another, that was begun with just this file for this session. */
  idFor({ file, path }, { sessionId }) {
    const wanted = fingerprint({ name: file.name, path, size: file.size, lastModified: file.lastModified, sessionId })
    return this.stopped.find((item) => fingerprint(item) === wanted)?.id ?? null
  }

  #isQueued(record) {
    const wanted = fingerprint(record)
    return this.#queue.entries.some((entry) => wanted === entryPrint(entry))
  }

  async #refreshRecordings() {
    const busy = new Set([this.#recorder.recording?.id, ...this.#queue.entries.map(({ recording }) => recording)])
    const open = (await unsaved()).filter(({ id }) => !busy.has(id))
    for (const recording of open.filter(({ stopped }) => stopped)) await this.#queueRecording(recording)
    this.recordings = open.filter(({ stopped }) => !stopped)
  }

  async #queueRecording(recording) {
    const file = await restored(recording)
    this.#queue.add([{ file, recording: recording.id }], recording.target)
  }

  async save(recording) {
    this.recordings = this.recordings.filter((other) => other !== recording)
    await this.#queueRecording(recording)
    this.dispatchEvent(new Event("change"))
  }

  async throwAway(recording) {
    this.recordings = this.recordings.filter((other) => other !== recording)
    await dropRecording(recording.id)
    this.dispatchEvent(new Event("change"))
  }

  /** Go on with a stopped upload; returns a plain sentence when `file` is another one, else "". */
  goOn(item, file, target) {
    if (file.name !== item.name || file.size !== item.size) {
      const bytes = item.size.toLocaleString("en")
      return `“${file.name}” is not the file that stopped: “${item.name}” has ${bytes} bytes.`
    }
    this.#open = this.#open.filter((other) => other !== item)
    this.#queue.add([{ file, path: item.path, uploadId: item.id }], { ...target, sessionId: item.sessionId })
    this.dispatchEvent(new Event("change"))
    return ""
  }

  async forget(item) {
    this.#open = this.#open.filter((other) => other !== item)
    forget(item)
    this.dispatchEvent(new Event("change"))
    await terminate(item.id)
  }

  forgetUnsent() {
    this.unsent.forEach(forget)
    this.unsent = []
    this.dispatchEvent(new Event("change"))
  }

  /** What was chosen again is no longer open, by name, size and session. */
  chosen() {
    this.unsent = this.unsent.filter((record) => !this.#isQueued(record))
  }
}

function entryPrint({ file, name, path, size, target }) {
  return fingerprint({ name, path, size, lastModified: file?.lastModified, sessionId: target.sessionId })
}

function stoppedItem({ id, name, length, offset, session_id: sessionId, metadata }) {
  const { relative_path: path = "", last_modified: lastModified } = metadata
  return { id, name, path, size: length, offset, lastModified: Number(lastModified), sessionId }
}
