// The list of notes and bookmarks: written at the current moment, changed and deleted in place.

import { button, el, icon, label, show, signButton, text } from "../dom.js"
import { clockText } from "../words.js"
import { Draft } from "./draft.js"

const MAX = { note: 20_000, bookmark: 300 }
const UNDO_MS = 12_000
const NONE = "Nothing noted yet. N writes a note at the moment that plays, B sets a bookmark."

export class Notes {
  #sound
  #marks
  #draft
  #at = 0 // the moment that is being noted
  #undo = null

  /** `draft`: under which name a note that is being written outlives a closed tab. */
  constructor(sound, marks, { draft, exports }) {
    this.#sound = sound
    this.#marks = marks
    this.#draft = new Draft(draft)
    this.composer = el("div", { hidden: true })
    this.words = el("p", { class: "quiet" })
    this.list = el("ol", { class: "marks" })
    this.undo = el("p", { class: "undo", role: "status", hidden: true })
    this.exports = el("p", { class: "quiet exports" }, "Keep them elsewhere: ", ...links(exports))
    this.root = el("div", { class: "notes" }, this.composer, this.undo, this.words, this.list, this.exports)
    marks.addEventListener("change", () => this.#render())
    const { at, words: begun } = this.#draft.read()
    if (begun) this.#compose(at, begun)
    marks.load()
  }

  /** Open the box for a note at the current moment; what is being written there stays. */
  write() {
    if (this.composer.hidden) this.#compose(this.#sound.at, "")
    this.composer.querySelector("textarea").focus()
  }

  async bookmark() {
    const row = await this.#marks.add("bookmark", this.#sound.at, "")
    return `Bookmark set at ${clockText(row.at_ms)}.`
  }

  #compose(at, words) {
    this.#at = at
    const editor = new Editor({
      kind: "note", words, lead: `Note at ${clockText(at * 1000)}`,
      save: async (written) => {
        await this.#marks.add("note", this.#at, written)
        this.#closeComposer()
      },
      cancel: () => this.#closeComposer(),
      typed: (written) => this.#draft.keep({ at: this.#at, words: written }),
    })
    this.composer.replaceChildren(editor.root)
    show(this.composer, true)
  }

  #closeComposer() {
    this.#draft.drop()
    show(this.composer, false)
    this.composer.replaceChildren()
  }

  #render() {
    const { rows, error } = this.#marks
    text(this.words, error ? `The notes could not be read: ${error.message}.` : NONE)
    show(this.words, Boolean(error) || !rows.length)
    show(this.exports, rows.length > 0)
    this.list.replaceChildren(...rows.map((row) => this.#row(row)))
  }

  #row(row) {
    const time = el("button", { type: "button", class: "moment", onclick: () => this.#sound.seek(row.at_ms / 1000) })
    time.append(icon(row.kind), clockText(row.at_ms))
    label(time, `Play from ${clockText(row.at_ms)}`)
    const words = el("div", { class: "said" }, row.text || "Bookmark")
    const [edit, remove] = [signButton("note", () => this.#edit(item, row)), signButton("trash", () => this.#remove(row))]
    label(edit, row.kind === "note" ? "Change the note" : "Name the bookmark")
    label(remove, `Delete the ${row.kind}`)
    const item = el("li", { class: "mark", "data-kind": row.kind }, time, words, el("span", { class: "acts" }, edit, remove))
    return item
  }

  #edit(item, row) {
    const editor = new Editor({
      kind: row.kind, words: row.text, lead: `${row.kind === "note" ? "Note" : "Name of the bookmark"} at ${clockText(row.at_ms)}`,
      save: (written) => this.#marks.change(row, written),
      cancel: () => this.#render(),
    })
    item.replaceChildren(editor.root)
    editor.area.focus()
  }

  async #remove(row) {
    clearTimeout(this.#undo)
    try {
      await this.#marks.remove(row)
    } catch (error) {
      this.#say(`${error.message}.`)
      return
    }
    const back = async () => {
      show(this.undo, false)
      await this.#marks.add(row.kind, row.at_ms / 1000, row.text).catch((error) => this.#say(`${error.message}.`))
    }
    this.#say(`The ${row.kind} at ${clockText(row.at_ms)} is deleted. `, button("Undo", back, { look: "link" }))
    this.#undo = setTimeout(() => show(this.undo, false), UNDO_MS)
  }

  #say(...parts) {
    this.undo.replaceChildren(...parts)
    show(this.undo, true)
  }
}

/** A box for text with Save and Cancel; what cannot be saved stays in it, with the reason. */
class Editor {
  constructor({ kind, words, lead, save, cancel, typed = () => {} }) {
    const rows = kind === "note" ? 3 : 1
    this.area = el("textarea", { rows, maxlength: MAX[kind], "aria-label": lead, placeholder: "Enter saves, Shift+Enter begins a line" })
    this.area.value = words
    this.area.oninput = () => typed(this.area.value)
    this.area.onkeydown = (event) => this.#key(event, cancel)
    this.told = el("span", { class: "quiet", role: "status" })
    this.saving = button("Save", () => this.#save(), { look: "primary" })
    this.kind = kind
    this.save = save
    const acts = el("div", { class: "buttons" }, this.saving, button("Cancel", cancel), this.told)
    this.root = el("div", { class: "editor" }, el("span", { class: "quiet" }, lead), this.area, acts)
  }

  #key(event, cancel) {
    event.stopPropagation()
    if (event.key === "Escape") cancel()
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    this.#save()
  }

  async #save() {
    if (this.kind === "note" && !this.area.value.trim()) {
      text(this.told, "Write something first.")
      return
    }
    this.saving.disabled = true
    text(this.told, "Saving…")
    try {
      await this.save(this.area.value)
    } catch (error) {
      text(this.told, `Not saved: ${error.message}. ${error.fix}`)
    } finally {
      this.saving.disabled = false
    }
  }
}

function links(exports) {
  return Object.entries(exports).flatMap(([name, address], at) => [at ? " · " : "", el("a", { href: address, download: true }, name)])
}
