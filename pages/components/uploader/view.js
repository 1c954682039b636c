// What is seen: the place to drop, what is going on, and what was left from earlier. Holds no state that matters.

import { arrange, attribute, button, el, icon, show, text } from "../dom.js"
import { EarlierView } from "./earlier_view.js"
import { chosen, dropped } from "./folders.js"
import { needsChoice } from "./queue.js"
import { RecorderView } from "./recorder_view.js"
import { Row } from "./rows.js"
import { SummaryView } from "./summary_view.js"
import { countText } from "../words.js"
import { limitText } from "./words.js"

const ROWS = 100
const SAVED_SHOWN = 5
const RENDER_MS = 200
const SPOKEN_MS = 3000
const URGENCY = ["failed", "choice", "sending", "retrying", "saving", "paused", "waiting", "saved"]
const urgency = (entry) => URGENCY.indexOf(needsChoice(entry) ? "choice" : entry.state)
const remarked = ({ result, choice }) => Boolean(choice || result?.contradiction || result?.wanted)

export class View {
  #root
  #state
  #data = {}
  #rows = new Map()
  #showSaved = false
  #scheduled = null
  #spokenAt = 0
  #parts

  /** `state`: the tab's { queue, recorder, earlier }. */
  constructor(root, { queue, recorder, earlier }) {
    this.#root = root
    this.#state = { queue, recorder, earlier }
    this.#parts = this.#build()
    root.append(this.#parts.main)
    this.change = () => this.#schedule()
    for (const source of [queue, recorder, earlier]) source.addEventListener("change", this.change)
  }

  close() {
    clearTimeout(this.#scheduled)
    for (const source of Object.values(this.#state)) source.removeEventListener("change", this.change)
    this.#root.remove()
  }

  /** Take what Python says anew at each rerun: session, title, lecture, limits. */
  update(data) {
    this.#data = data
    this.#render()
  }

  get target() {
    const { session, title, lecture, folders, max_bytes: maxBytes } = this.#data
    return { sessionId: session, title, lectureId: lecture, folders, maxBytes }
  }

  #build() {
    const { queue } = this.#state
    const parts = { notices: el("div", { class: "notices", role: "status" }) }
    parts.files = el("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files to add" })
    parts.folder = el("input", { type: "file", webkitdirectory: true, hidden: true, "aria-label": "Folder to add" })
    for (const input of [parts.files, parts.folder]) input.onchange = () => this.#chose(input)
    const [pick, target, notice] = [(folder) => this.#pick(folder), () => this.target, (told) => this.#notice(told)]
    parts.recorder = new RecorderView(this.#state.recorder, { target, notice })
    parts.earlier = new EarlierView(this.#state.earlier, { pick, target, notice })
    parts.zone = this.#buildZone(parts)
    parts.summary = new SummaryView(queue)
    parts.rows = el("ul", { class: "rows", role: "list", "aria-label": "Files being added" })
    parts.more = el("p", { class: "quiet" })
    parts.saved = el("div", { class: "line" })
    parts.savedText = el("span")
    parts.savedShow = button("show", () => this.#toggleSaved(), { look: "link" })
    parts.savedClear = button("clear", () => queue.clearSaved(), { look: "link" })
    parts.saved.append(parts.savedText, parts.savedShow, parts.savedClear)
    parts.spoken = el("p", { class: "spoken", "aria-live": "polite" })
    const seen = [parts.zone, parts.recorder.node, parts.notices, parts.earlier.node, parts.summary.node, parts.rows]
    const rest = [parts.more, parts.saved, parts.spoken, parts.files, parts.folder]
    parts.main = el("div", { class: "uploader" }, ...seen, ...rest)
    return parts
  }

  #buildZone(parts) {
    parts.lead = el("p", { class: "lead" })
    parts.limits = el("p", { class: "quiet" })
    parts.chooseFiles = button("Choose files", () => this.#pick(false), { sign: "file", look: "primary" })
    parts.chooseFolder = button("Choose a folder", () => this.#pick(true), { sign: "folder" })
    show(parts.chooseFolder, "webkitdirectory" in HTMLInputElement.prototype)
    const buttons = el("div", { class: "buttons" }, parts.chooseFiles, parts.chooseFolder, parts.recorder.button)
    const zone = el("section", { class: "zone", "aria-label": "Add files" }, parts.lead, buttons, parts.limits)
    zone.ondragover = (event) => {
      event.preventDefault()
      event.dataTransfer.dropEffect = this.#readyForFolders ? "copy" : "none"
      zone.classList.toggle("over", this.#readyForFolders)
    }
    zone.ondragleave = (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over")
    zone.ondrop = (event) => {
      event.preventDefault()
      zone.classList.remove("over")
      this.#dropped(event.dataTransfer)
    }
    return zone
  }

  get #ready() {
    return Boolean(this.#data.session || this.#data.title)
  }

  /** A folder may bring its own session. */
  get #readyForFolders() {
    return this.#ready || this.#data.folders === "session"
  }

  #pick(folder) {
    const input = folder ? this.#parts.folder : this.#parts.files
    input.value = ""
    input.click()
  }

  #chose(input) {
    this.#take(chosen(input.files))
  }

  async #dropped(dataTransfer) {
    const [target, ready] = [this.target, (found) => this.#ready || (found.path && this.#readyForFolders)]
    const found = await dropped(dataTransfer)
    if (!found.files.every(ready)) {
      return this.#notice("Choose a session first, or name a new one; then drop the files again.")
    }
    return this.#take(found, target)
  }

  #take({ files, empty, system, unreadable }, target = this.target) {
    const few = (names) => names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "")
    if (empty.length) this.#notice(`${countText(empty.length, "empty folder")} had nothing to add: ${few(empty)}.`)
    if (system.length) this.#notice(`${countText(system.length, "system file")} left out: ${few(system)}.`)
    if (unreadable.length) this.#notice(`The browser could not read ${few(unreadable)}. Choose it again.`)
    if (!files.length) return
    const { queue, earlier } = this.#state
    queue.add(files.map((found) => ({ ...found, uploadId: earlier.idFor(found, target) })), target)
    earlier.chosen()
    this.#schedule()
  }

  #notice(words) {
    const line = el("p", { class: "notice" }, icon("warn"), el("span", {}, words))
    line.append(button("OK", () => line.remove(), { look: "link" }))
    this.#parts.notices.append(line)
  }

  #schedule() {
    this.#scheduled ??= setTimeout(() => {
      this.#scheduled = null
      this.#render()
    }, RENDER_MS)
  }

  #render() {
    const { queue } = this.#state
    this.#renderZone()
    this.#parts.recorder.update(this.#ready, this.#data.record)
    this.#parts.earlier.update()
    const counts = countStates(queue.entries)
    this.#parts.summary.update(counts)
    this.#renderRows(queue.entries, counts)
    this.#speak(counts)
  }

  #renderZone() {
    const { lead, limits, chooseFiles, chooseFolder, zone } = this.#parts
    const touch = matchMedia("(hover: none)").matches
    const invitation = touch ? "Add files or recordings" : "Drop files, recordings or folders here"
    text(lead, this.#ready ? invitation : "Choose a session first, or name a new one")
    text(limits, `Up to ${limitText(this.#data.max_bytes)} a file, any number of files`)
    chooseFiles.disabled = !this.#ready
    chooseFolder.disabled = !this.#readyForFolders
    zone.classList.toggle("off", !this.#ready)
  }

  #renderRows(entries, counts) {
    const quiet = entries.filter((entry) => entry.state === "saved" && !needsChoice(entry) && !remarked(entry))
    const folded = quiet.length > SAVED_SHOWN && !this.#showSaved
    const hidden = new Set(folded ? quiet : [])
    const open = entries.filter((entry) => !hidden.has(entry))
    const shown = open.length <= ROWS ? open : [...open].sort((a, b) => urgency(a) - urgency(b)).slice(0, ROWS)
    if (open.length > ROWS) shown.sort((a, b) => a.key - b.key)
    arrange(this.#parts.rows, shown.map((entry) => this.#row(entry).node))
    const listed = new Set(shown.map(({ key }) => key))
    for (const key of this.#rows.keys()) if (!listed.has(key)) this.#rows.delete(key)
    text(this.#parts.more, open.length > ROWS ? `and ${countText(open.length - ROWS, "more file")}` : "")
    show(this.#parts.more, open.length > ROWS)
    show(this.#parts.saved, counts.saved > SAVED_SHOWN)
    text(this.#parts.savedText, `✓ ${counts.saved.toLocaleString("en")} saved`)
    text(this.#parts.savedShow.firstChild, this.#showSaved ? "hide" : "show")
    attribute(this.#parts.savedShow, "aria-expanded", this.#showSaved)
  }

  #row(entry) {
    const known = this.#rows.get(entry.key)
    if (known) {
      known.update()
      return known
    }
    const row = new Row(this.#state.queue, entry)
    this.#rows.set(entry.key, row)
    return row
  }

  #toggleSaved() {
    this.#showSaved = !this.#showSaved
    this.#render()
  }

  #speak(counts) {
    if (!counts.all || Date.now() - this.#spokenAt < SPOKEN_MS) return
    this.#spokenAt = Date.now()
    const failed = counts.failed ? `, ${counts.failed} failed` : ""
    text(this.#parts.spoken, `${counts.saved} of ${countText(counts.all, "file")} saved${failed}`)
    setTimeout(this.change, SPOKEN_MS)
  }
}

function countStates(entries) {
  const counts = { all: entries.length, choice: 0, retriable: 0 }
  for (const state of URGENCY) counts[state] ??= 0
  for (const entry of entries) {
    counts[entry.state] += 1
    if (needsChoice(entry)) counts.choice += 1
    if (entry.state === "failed" && !entry.error?.final) counts.retriable += 1
  }
  return counts
}
