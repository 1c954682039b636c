// The buttons that turn pages.

import { el, label, signButton, text } from "../dom.js"

export class Pager {
  #sheet

  /** `turn` is told the page that somebody asks for. */
  constructor(sheet, turn) {
    this.#sheet = sheet
    this.before = signButton("left", () => turn(sheet.number - 1))
    this.next = signButton("right", () => turn(sheet.number + 1))
    label(this.before, "Page before")
    label(this.next, "Next page")
    this.number = el("input", { type: "number", min: 1, inputmode: "numeric", "aria-label": "Page" })
    this.number.onchange = () => turn(Math.round(Number(this.number.value)) || 1)
    this.of = el("span", { class: "quiet" })
    this.root = el("div", { class: "pager" }, this.before, this.number, this.of, this.next)
  }

  render() {
    const { number, pages } = this.#sheet
    if (this.root.getRootNode().activeElement !== this.number) this.number.value = number
    text(this.of, pages ? `of ${pages}` : "")
    this.before.disabled = number <= 1
    this.next.disabled = Boolean(pages) && number >= pages
  }
}
