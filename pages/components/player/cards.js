// Making a flashcard from what is read or heard: what is selected becomes its back.

import { button, el, show, text } from "../dom.js"
import { ask } from "./api.js"

const MAX = 20_000

export class CardMaker {
  #address
  #source
  #from = {} // where the card that is being made comes from

  /** `source` returns { words, ...where }: what the back begins with, and the page or the moment it is from. */
  constructor(base, source) {
    this.#address = `${base}/cards`
    this.#source = source
    this.front = el("textarea", { rows: 2, maxlength: MAX, "aria-label": "Front", placeholder: "Front: what is asked" })
    this.back = el("textarea", { rows: 3, maxlength: MAX, "aria-label": "Back", placeholder: "Back: what is to be known" })
    for (const area of [this.front, this.back]) area.onkeydown = (event) => this.#key(event)
    this.saving = button("Make the card", () => this.#save(), { look: "primary" })
    const acts = el("div", { class: "buttons" }, this.saving, button("Cancel", () => this.#open(false)))
    this.form = el("div", { class: "editor", hidden: true }, this.front, this.back, acts)
    this.begin = button("Make a card", () => this.#begin(), { sign: "card" })
    // Else the click would take the selection away.
    this.begin.onmousedown = (event) => event.preventDefault()
    this.told = el("span", { class: "quiet", role: "status" })
    this.root = el("div", { class: "cards" }, el("div", { class: "buttons" }, this.begin, this.told), this.form)
  }

  #begin() {
    const { words, ...where } = this.#source()
    this.#from = where
    this.back.value = words.slice(0, MAX)
    this.#open(true)
    this.front.focus()
  }

  #open(opened) {
    show(this.form, opened)
    show(this.begin, !opened)
    text(this.told, "")
  }

  #key(event) {
    event.stopPropagation()
    if (event.key === "Escape") this.#open(false)
  }

  async #save() {
    const [front, back] = [this.front.value.trim(), this.back.value.trim()]
    if (!front || !back) {
      text(this.told, "Write something on both sides first.")
      return
    }
    this.saving.disabled = true
    try {
      await ask(this.#address, { method: "POST", body: { front, back, ...this.#from } })
      this.#open(false)
      this.front.value = ""
      this.told.replaceChildren("The card is made. ", el("a", { href: "cards" }, "Review cards"))
    } catch (error) {
      text(this.told, `Not made: ${error.message}. ${error.fix}`)
    } finally {
      this.saving.disabled = false
    }
  }
}

/** Return what is selected within a part of the page: its words, and the node where it begins; null for nothing. */
export function selectedIn(root) {
  const selection = root.getRootNode().getSelection?.() ?? getSelection()
  const words = selection?.toString().trim()
  return words && root.contains(selection.anchorNode) ? { words, node: selection.anchorNode } : null
}
