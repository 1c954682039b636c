// What is said and done about all files at once.

import { attribute, button, el, show, text } from "../dom.js"
import { FILE_COST_BYTES, needsChoice } from "./queue.js"
import { countText } from "../words.js"
import { partText, percent, sizeText, waitText } from "./words.js"

export class SummaryView {
  #queue
  #counts = {}
  #parts

  constructor(queue) {
    this.#queue = queue
    this.#parts = this.#build()
    this.node = this.#parts.node
  }

  #build() {
    const queue = this.#queue
    const parts = {}
    parts.total = el("span", { class: "total" })
    parts.totalFill = el("span", { class: "fill" })
    const range = { "aria-valuemin": 0, "aria-valuemax": 100 }
    const bar = { class: "bar", role: "progressbar", "aria-label": "Progress of all", ...range }
    parts.totalBar = el("span", bar, parts.totalFill)
    const all = (act, states) => () => {
      const concerned = ({ state, error }) => states.includes(state) && !error?.final
      for (const entry of queue.entries.filter(concerned)) queue[act](entry)
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
    parts.node = el("div", { class: "summary" }, parts.total, parts.totalBar, acts)
    return parts
  }

  update(counts) {
    this.#counts = counts
    const { node, total, totalBar, totalFill } = this.#parts
    const open = counts.waiting + counts.sending + counts.retrying + counts.paused + counts.saving
    show(node, counts.all > 1 && (open > 0 || counts.failed > 1 || counts.choice > 1))
    if (node.hidden) return
    const files = this.#queue.entries.filter(({ error }) => !error?.final)
    const work = { all: workOf(files, "size", files.length), done: workOf(files, "sent", counts.saved) }
    text(total, this.#totalText(counts, files, work))
    attribute(totalBar, "aria-valuenow", percent(work.done, work.all))
    totalFill.style.transform = `scaleX(${work.all ? work.done / work.all : 1})`
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

  #totalText(counts, files, work) {
    const { meter, pace } = this.#queue
    const [sent, size] = [sum(files, "sent"), sum(files, "size")]
    const told = [`${counts.saved.toLocaleString("en")} of ${countText(files.length, "file")} saved`]
    if (sent < size) told.push(`${percent(work.done, work.all)} %`, partText(sent, size))
    const seconds = counts.sending ? pace.secondsFor(work.all - work.done) : null
    if (seconds !== null && sent < size) told.push(`${sizeText(meter.rate)}/s`, `${waitText(seconds)} left`)
    if (counts.failed) told.push(`${counts.failed} failed`)
    if (counts.choice > 1) told.push(`${counts.choice} are here already`)
    return told.join(" · ")
  }

  #unfinished() {
    return this.#queue.entries.filter(({ state }) => ["waiting", "sending", "retrying", "paused"].includes(state))
  }

  #askCancel(asking) {
    const open = this.#unfinished()
    const sent = sizeText(sum(open, "offset"))
    text(this.#parts.sureText, `Throw away ${countText(open.length, "unfinished file")} (${sent} sent)?`)
    show(this.#parts.sure, asking)
    this.#renderActs(this.#counts)
    this.#parts[asking ? "unsure" : "cancelAll"].focus()
  }

  #cancelAll() {
    show(this.#parts.sure, false)
    this.#unfinished().forEach((entry) => this.#queue.cancel(entry))
  }

  #chooseAll(useExisting) {
    const open = this.#queue.entries.filter(needsChoice)
    for (const entry of open) this.#queue.choose(entry, useExisting ? entry.result.duplicates[0] : null)
  }
}

const sum = (entries, field) => entries.reduce((total, entry) => total + entry[field], 0)

const workOf = (files, field, count) => sum(files, field) + FILE_COST_BYTES * count
