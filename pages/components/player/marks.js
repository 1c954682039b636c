// Notes and bookmarks, kept by the API: one list by moment.

import { ask, all } from "./api.js"

export class Marks extends EventTarget {
  rows = [] // { kind, id, at_ms, text }
  error = null
  #files
  #base

  constructor(base, file) {
    super()
    this.#base = base
    this.#files = `${base}/files/${file}`
  }

  async load() {
    try {
      const [notes, bookmarks] = await Promise.all([
        all(`${this.#files}/notes`, "notes"), all(`${this.#files}/bookmarks`, "bookmarks"),
      ])
      this.rows = [...notes.map((row) => ({ ...row, kind: "note" })), ...bookmarks.map((row) => ({ ...row, kind: "bookmark" }))]
      this.error = null
    } catch (error) {
      this.error = error
    }
    this.#changed()
  }

  async add(kind, seconds, words) {
    const body = { at_ms: Math.round(seconds * 1000), text: words }
    const row = { ...(await ask(`${this.#files}/${kind}s`, { method: "POST", body })), kind }
    this.rows.push(row)
    this.#changed()
    return row
  }

  async change(row, words) {
    Object.assign(row, await ask(`${this.#base}/${row.kind}s/${row.id}`, { method: "PATCH", body: { text: words } }))
    this.#changed()
  }

  async remove(row) {
    await ask(`${this.#base}/${row.kind}s/${row.id}`, { method: "DELETE" })
    this.rows = this.rows.filter((other) => other !== row)
    this.#changed()
  }

  #changed() {
    this.rows.sort((one, other) => one.at_ms - other.at_ms || one.id - other.id)
    this.dispatchEvent(new Event("change"))
  }
}
