// One line a file: its name, how far it is, what can be done with it.

import { attribute, button, el, label, show, signButton, text } from "../dom.js"
import { needsChoice } from "./queue.js"
import { SLICE_BYTES } from "./transfer.js"
import { duplicateText, partText, percent, savedText, sentence, sizeText, waitText } from "./words.js"

const MARKS = { saved: "✓ ", failed: "⚠ " }

function sendingText(entry) {
  const told = [`${percent(entry.sent, entry.size)} %`, partText(entry.sent, entry.size)]
  const seconds = entry.meter.secondsFor(entry.size - entry.sent)
  if (seconds !== null) told.push(`${sizeText(entry.meter.rate)}/s`, waitText(seconds))
  return told.join(" · ")
}

function retryingText(entry) {
  const at = entry.size > SLICE_BYTES ? ` at ${percent(entry.offset, entry.size)} %` : ""
  if (!navigator.onLine) return `No connection${at}; goes on by itself when it is back`
  const seconds = Math.max(1, Math.ceil((entry.retryAt - Date.now()) / 1000))
  const what = entry.lost ? "The connection was lost" : `It did not work (${entry.error.message})`
  return `${what}${at}; trying again in ${seconds} s`
}

const STATES = {
  waiting: (entry) => `waiting · ${sizeText(entry.size)}`,
  sending: sendingText,
  retrying: retryingText,
  paused: (entry) => `paused at ${percent(entry.offset, entry.size)} % · ${partText(entry.offset, entry.size)}`,
  saving: () => "checking and saving…",
  saved: (entry) => savedText(entry.result),
  failed: ({ error }) => [sentence(error?.message ?? "It was not sent to its end"), error?.fix].filter(Boolean).join(" "),
}

export function stateText(entry) {
  return (MARKS[entry.state] ?? "") + STATES[entry.state](entry)
}

export class Row {
  #queue
  #entry
  #parts

  constructor(queue, entry) {
    this.#queue = queue
    this.#entry = entry
    this.#parts = this.#build()
    this.node = this.#assemble()
    this.update()
  }

  #build() {
    const [queue, entry] = [this.#queue, this.#entry]
    const original = () => queue.choose(entry, entry.result.duplicates[0])
    return {
      name: el("span", { class: "name", dir: "auto" }),
      fill: el("span", { class: "fill" }),
      state: el("span", { class: "state" }),
      note: el("span", { class: "note" }),
      pause: signButton("pause", () => queue.pause(entry)),
      resume: signButton("play", () => queue.resume(entry)),
      retry: button("Try again", () => queue.retry(entry), { sign: "again" }),
      cancel: signButton("close", () => this.#askOrCancel()),
      question: el("span"),
      keep: button("Keep both", () => queue.choose(entry, null)),
      use: button("Use that one", original),
      throwAway: button("Throw away", () => queue.cancel(entry), { look: "danger" }),
      goOn: button("Go on", () => this.#answer(false)),
    }
  }

  #assemble() {
    const parts = this.#parts
    parts.bar = el("span", { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, parts.fill)
    const { keep, use, throwAway, goOn } = parts
    const answers = el("span", { class: "buttons" }, keep, use, throwAway, goOn)
    parts.ask = el("div", { class: "ask" }, parts.question, answers)
    const acts = el("span", { class: "acts" }, parts.pause, parts.resume, parts.retry, parts.cancel)
    const seen = [parts.name, parts.bar, parts.state, acts, parts.note, parts.ask]
    return el("li", { class: "row", role: "listitem" }, ...seen)
  }

  /** Many bytes on the server already: ask before they are thrown away. */
  #askOrCancel() {
    if (this.#entry.offset < SLICE_BYTES || this.#entry.state === "failed") {
      return this.#queue.cancel(this.#entry)
    }
    return this.#answer(true)
  }

  #answer(asking) {
    this.#entry.asking = asking
    this.update()
    this.#parts[asking ? "goOn" : "cancel"].focus()
  }

  update() {
    const [entry, parts] = [this.#entry, this.#parts]
    const shown = entry.path || entry.name
    attribute(this.node, "data-state", entry.state)
    text(parts.name, shown)
    attribute(parts.name, "title", shown)
    text(parts.state, stateText(entry))
    this.#updateBar(percent(entry.sent, entry.size), shown)
    this.#updateActs(shown)
    text(parts.note, entry.choiceError ?? entry.result?.contradiction ?? "")
    show(parts.note, Boolean(parts.note.textContent))
    this.#updateQuestion()
  }

  #updateBar(done, shown) {
    const { bar, fill } = this.#parts
    show(bar, !["saved", "failed"].includes(this.#entry.state))
    attribute(bar, "aria-label", `Progress of ${shown}`)
    attribute(bar, "aria-valuenow", done)
    if (fill.dataset.done !== String(done)) {
      fill.dataset.done = done
      fill.style.transform = `scaleX(${done / 100})`
    }
  }

  #updateActs(shown) {
    const { state, error, asking } = this.#entry
    const { pause, resume, retry, cancel } = this.#parts
    const leave = state === "failed" ? `Take ${shown} off this list` : `Cancel ${shown}`
    const acts = [
      [pause, ["waiting", "sending", "retrying"].includes(state), `Pause ${shown}`],
      [resume, state === "paused", `Go on with ${shown}`],
      [cancel, !["saving", "saved"].includes(state) && !asking, leave],
    ]
    for (const [node, visible, words] of acts) {
      show(node, visible)
      label(node, words)
    }
    show(retry, state === "failed" && !error?.final && Boolean(this.#entry.file || error))
    attribute(retry, "aria-label", `Try ${shown} again`)
  }

  #updateQuestion() {
    const [entry, parts] = [this.#entry, this.#parts]
    const duplicate = needsChoice(entry)
    const asking = Boolean(entry.asking) && !["saved", "saving"].includes(entry.state)
    show(parts.ask, duplicate || asking || Boolean(entry.choice))
    for (const node of [parts.keep, parts.use]) {
      show(node, duplicate)
      node.disabled = Boolean(entry.choosing)
    }
    for (const node of [parts.throwAway, parts.goOn]) show(node, asking)
    if (asking) text(parts.question, `Throw away the ${sizeText(entry.offset)} sent so far?`)
    else if (duplicate) text(parts.question, duplicateText(entry.result.duplicates[0], entry))
    else text(parts.question, { kept: "Both are kept.", used: "The one that was there is used." }[entry.choice] ?? "")
  }
}
