// What is seen: the place to drop, what is going on, and what was left from earlier. Holds no state that matters.

import { arrange, attribute, button, el, icon, show, text } from "./dom.js"
import { EarlierView } from "./earlier_view.js"
import { chosen, dropped } from "./folders.js"
import { needsChoice } from "./queue.js"
import { RecorderView } from "./recorder_view.js"
import { Row } from "./rows.js"
import { countText, limitText, partText, percent, sizeText, waitText } from "./words.js"

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
    parts.summary = this.#buildSummary(parts)
    parts.rows = el("ul", { class: "rows", role: "list", "aria-label": "Files being added" })
    parts.more = el("p", { class: "quiet" })
    parts.saved = el("div", { class: "line" })
    parts.savedText = el("span")
    parts.savedShow = button("show", () => this.#toggleSaved(), { look: "link" })
    parts.savedClear = button("clear", () => queue.clearSaved(), { look: "link" })
    parts.saved.append(parts.savedText, parts.savedShow, parts.savedClear)
    parts.spoken = el("p", { class: "spoken", "aria-live": "polite" })
    const seen = [parts.zone, parts.recorder.node, parts.notices, parts.earlier.node, parts.summary, parts.rows]
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
      event.dataTransfer.dropEffect = this.#ready ? "copy" : "none"
      zone.classList.toggle("over", this.#ready)
    }
    zone.ondragleave = (event) => zone.contains(event.relatedTarget) || zone.classList.remove("over")
    zone.ondrop = (event) => {
      event.preventDefault()
      zone.classList.remove("over")
      this.#dropped(event.dataTransfer)
    }
    return zone
  }

  #buildSummary(parts) {
    const { queue } = this.#state
    parts.total = el("span", { class: "total" })
    parts.totalFill = el("span", { class: "fill" })
    const range = { "aria-valuemin": 0, "aria-valuemax": 100 }
    const bar = { class: "bar", role: "progressbar", "aria-label": "Progress of all", ...range }
    parts.totalBar = el("span", bar, parts.totalFill)
    const all = (act, states) => () => {
      for (const entry of queue.entries.filter(({ state }) => states.includes(state))) queue[act](entry)
    }
    parts.pauseAll = button("Pause all", all("pause", ["waiting", "sending", "retrying"]), { sign: "pause" })
    parts.resumeAll = button("Go on with all", all("resume", ["paused"]), { sign: "play" })
    parts.retryAll = button("Try all again", all("retry", ["failed"]), { sign: "again" })
    parts.cancelAll = button("Cancel all", () => this.#askCancel(true), { sign: "close" })
    parts.sureText = el("span")
    const throwAway = button("Throw away", () => this.#cancelAll(), { look: "danger" })
    parts.unsure = button("Go on", () => this.#askCancel(false))
    parts.sure = el("span", { class: "buttons", hidden: true }, parts.sureText, throwAway, parts.unsure)
    parts.keepAll = button("Keep both, for all", () => this.#chooseAll(false))
    parts.useAll = button("Use those that are there, for all", () => this.#chooseAll(true))
    const { pauseAll, resumeAll, retryAll, cancelAll, sure, keepAll, useAll } = parts
    const acts = el("div", { class: "buttons" }, pauseAll, resumeAll, retryAll, cancelAll, sure, keepAll, useAll)
    return el("div", { class: "summary" }, parts.total, parts.totalBar, acts)
  }

  get #ready() {
    return Boolean(this.#data.session || this.#data.title)
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
    const finding = dropped(dataTransfer)
    if (!this.#ready) return this.#notice("Choose a session first, or name a new one; then drop the files again.")
    const target = this.target
    return this.#take(await finding, target)
  }

  #take({ files, empty, system, unreadable }, target = this.target) {
    const few = (names) => names.slice(0, 3).join(", ") + (names.length > 3 ? ", …" : "")
    if (empty.length) this.#notice(`${countText(empty.length, "empty folder")} had nothing to add: ${few(empty)}.`)
    if (system.length) this.#notice(`${countText(system.length, "system file")} left out: ${few(system)}.`)
    if (unreadable.length) this.#notice(`The browser could not read ${few(unreadable)}. Choose it again.`)
    if (!files.length) return
    const { queue, earlier } = this.#state
    earlier.taken(queue.add(files.map((found) => ({ ...found, uploadId: earlier.idFor(found, target) })), target))
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
    this.#renderSummary(counts)
    this.#renderRows(queue.entries, counts)
    this.#speak(counts)
  }

  #renderZone() {
    const { lead, limits, chooseFiles, chooseFolder, zone } = this.#parts
    const touch = matchMedia("(hover: none)").matches
    const invitation = touch ? "Add files or recordings" : "Drop files, recordings or folders here"
    text(lead, this.#ready ? invitation : "Choose a session first, or name a new one")
    text(limits, `Up to ${limitText(this.#data.max_bytes)} a file, any number of files`)
    chooseFiles.disabled = chooseFolder.disabled = !this.#ready
    zone.classList.toggle("off", !this.#ready)
  }

  #renderSummary(counts) {
    const { summary, total, totalBar, totalFill } = this.#parts
    const open = counts.waiting + counts.sending + counts.retrying + counts.paused + counts.saving
    show(summary, counts.all > 1 && (open > 0 || counts.failed > 1 || counts.choice > 1))
    if (summary.hidden) return
    const files = this.#state.queue.entries.filter(({ error }) => !error?.final)
    const [sent, size] = [sum(files, "sent"), sum(files, "size")]
    text(total, this.#totalText(counts, files, sent, size))
    attribute(totalBar, "aria-valuenow", percent(sent, size))
    totalFill.style.transform = `scaleX(${size ? sent / size : 1})`
    show(totalBar, open > 0)
    this.#renderActs(counts)
  }

  #renderActs(counts) {
    const { pauseAll, resumeAll, retryAll, cancelAll, sure, keepAll, useAll } = this.#parts
    const going = counts.waiting + counts.sending + counts.retrying
    const asking = !sure.hidden && going + counts.paused > 0
    show(sure, asking)
    show(pauseAll, going > 0 && !asking)
    show(resumeAll, counts.paused > 0 && !asking)
    show(retryAll, counts.retriable > 1 && !asking)
    show(cancelAll, going + counts.paused > 1 && !asking)
    for (const node of [keepAll, useAll]) show(node, counts.choice > 1)
  }

  #totalText(counts, files, sent, size) {
    const { meter } = this.#state.queue
    const told = [`${counts.saved} of ${countText(files.length, "file")} saved`]
    if (sent < size) told.push(`${percent(sent, size)} %`, partText(sent, size))
    const seconds = counts.sending ? meter.secondsFor(size - sent) : null
    if (seconds !== null && sent < size) told.push(`${sizeText(meter.rate)}/s`, `${waitText(seconds)} left`)
    if (counts.failed) told.push(`${counts.failed} failed`)
    if (counts.choice > 1) told.push(`${counts.choice} are here already`)
    return told.join(" · ")
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

  #unfinished() {
    return this.#state.queue.entries.filter(({ state }) => ["waiting", "sending", "retrying", "paused"].includes(state))
  }

  #askCancel(asking) {
    const open = this.#unfinished()
    const sent = sizeText(sum(open, "offset"))
    text(this.#parts.sureText, `Throw away ${countText(open.length, "unfinished file")} (${sent} sent)?`)
    show(this.#parts.sure, asking)
    this.#render()
    this.#parts[asking ? "unsure" : "cancelAll"].focus()
  }

  #cancelAll() {
    show(this.#parts.sure, false)
    this.#unfinished().forEach((entry) => this.#state.queue.cancel(entry))
  }

  #chooseAll(useExisting) {
    const open = this.#state.queue.entries.filter(needsChoice)
    for (const entry of open) this.#state.queue.choose(entry, useExisting ? entry.result.duplicates[0] : null)
  }

  #speak(counts) {
    if (!counts.all || Date.now() - this.#spokenAt < SPOKEN_MS) return
    this.#spokenAt = Date.now()
    const failed = counts.failed ? `, ${counts.failed} failed` : ""
    text(this.#parts.spoken, `${counts.saved} of ${countText(counts.all, "file")} saved${failed}`)
    setTimeout(this.change, SPOKEN_MS)
  }
}

const sum = (entries, field) => entries.reduce((total, entry) => total + entry[field], 0)

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
