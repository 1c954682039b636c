// The entry: one queue a tab, kept in globalThis, and one view for each place where Streamlit mounts the component.

import { withStyles } from "../dom.js"
import { dropRecording } from "./chunks.js"
import { Earlier } from "./earlier.js"
import { beat, leave, onOtherTabs } from "./memory.js"
import { Queue, makesOwnSession } from "./queue.js"
import { Recorder } from "./recorder.js"
import { View } from "./view.js"

const VERSION = new URL(import.meta.url).search
const STYLES = new URL(`uploader.css${VERSION}`, import.meta.url)
const TICK_MS = 1000
const BEAT_MS = 5000
const FIRST_NUDGE_MS = 400
const NEXT_NUDGE_MS = 2000
const MOST_IDS = 100

class Tab {
  version = VERSION
  queue = new Queue()
  recorder = new Recorder()
  earlier = new Earlier(this.queue, this.recorder)
  #views = new Map()
  #saved = []
  #folders = new Set()
  #session = null
  #nudge = null
  #nudgedAt = 0

  constructor() {
    this.queue.addEventListener("saved", ({ detail }) => this.#onSaved(detail))
    this.queue.addEventListener("gone", ({ detail }) => detail.recording && dropRecording(detail.recording))
    this.queue.addEventListener("session", ({ detail }) => {
      this.#session = detail
      this.#nudgeSoon()
    })
    this.recorder.addEventListener("recorded", ({ detail: { file, recording } }) =>
      this.queue.add([{ file, recording: recording.id }], recording.target),
    )
    addEventListener("beforeunload", (event) => this.busy && event.preventDefault())
    addEventListener("pagehide", leave)
    onOtherTabs(() => this.#views.size && this.earlier.refresh())
    // A file dropped beside the zone must not make the browser leave the page.
    addEventListener("dragover", (event) => this.#views.size && event.preventDefault())
    addEventListener("drop", (event) => this.#views.size && event.preventDefault())
    setInterval(() => this.busy && this.queue.changed(), TICK_MS)
    setInterval(() => (this.busy || this.queue.unfinished) && beat(), BEAT_MS)
  }

  get busy() {
    return this.queue.busy || this.recorder.active
  }

  mount({ parentElement, data, setTriggerValue }) {
    const known = this.#views.get(parentElement)
    const mounted = known ?? { view: new View(withStyles(parentElement, STYLES), this) }
    mounted.tell = setTriggerValue
    this.#views.set(parentElement, mounted)
    mounted.view.update(data)
    if (data.session) this.queue.known(data.session)
    if (!known) this.earlier.refresh()
  }

  unmount(parentElement) {
    this.#views.get(parentElement)?.view.close()
    this.#views.delete(parentElement)
  }

  #onSaved(entry) {
    this.#saved.push(entry.uploadId)
    if (makesOwnSession(entry)) this.#folders.add(entry.result.session_id)
    this.#nudgeSoon()
    if (entry.recording) dropRecording(entry.recording)
  }

  /** Each nudge costs Python a rerun: gather them. */
  #nudgeSoon() {
    const wait = Math.max(FIRST_NUDGE_MS, this.#nudgedAt + NEXT_NUDGE_MS - Date.now())
    this.#nudge ??= setTimeout(() => {
      this.#nudge = null
      this.#nudgedAt = Date.now()
      const folders = [...this.#folders].slice(-MOST_IDS)
      const told = { uploads: this.#saved.slice(-MOST_IDS), session: this.#session, folders }
      this.#saved = []
      this.#folders.clear()
      this.#session = null
      for (const { tell } of this.#views.values()) tell("saved", told)
    }, wait)
  }
}

/** The tab's own uploader; one of an older version (the server was upgraded meanwhile) goes on while it is sending. */
function tab() {
  const live = globalThis.studyBuddyUploader
  if (!live || (live.version !== VERSION && !live.busy)) globalThis.studyBuddyUploader = new Tab()
  return globalThis.studyBuddyUploader
}

export function mount(component) {
  tab().mount(component)
}

export function unmount(parentElement) {
  tab().unmount(parentElement)
}
