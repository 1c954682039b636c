// A note that is being written, kept by the browser: it outlives a closed tab.

export class Draft {
  #name

  constructor(name) {
    this.#name = name
  }

  /** Return what was kept, or an empty object. */
  read() {
    return this.#try((store) => JSON.parse(store.getItem(this.#name))) ?? {}
  }

  keep(told) {
    this.#try((store) => store.setItem(this.#name, JSON.stringify(told)))
  }

  drop() {
    this.#try((store) => store.removeItem(this.#name))
  }

  /** A browser may keep nothing, or hold what is not ours: then a note is only not there after a reload. */
  #try(act) {
    try {
      return act(localStorage)
    } catch (error) {
      console.warn("no draft:", error)
      return null
    }
  }
}
