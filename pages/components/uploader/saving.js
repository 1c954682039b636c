// Asks the server about the uploads that it has whole, until it says saved or failed.

import { BrokenError, statusOf } from "./transfer.js"

// The server saves in the order in which files came; the others are looked at in turn.
const FIRST_SENT = 4
const LONGEST_UNSEEN = 2
const SHORTEST_WAIT_MS = 15
const LONGEST_WAIT_MS = 2000

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export class Watcher {
  #entries
  #learn
  #running = false

  /** `entries()` lists those to ask about; `learn(entry, { result, error })` takes the answer. */
  constructor(entries, learn) {
    this.#entries = entries
    this.#learn = learn
  }

  async start() {
    if (this.#running) return
    this.#running = true
    let wait = SHORTEST_WAIT_MS
    for (let saving = this.#entries(); saving.length; saving = this.#entries()) {
      const news = await Promise.all(next(saving).map((entry) => this.#check(entry)))
      wait = news.some(Boolean) ? SHORTEST_WAIT_MS : Math.min(LONGEST_WAIT_MS, wait * 1.6)
      await sleep(wait)
    }
    this.#running = false
  }

  /** Return true when there was news. */
  async #check(entry) {
    entry.checkedAt = Date.now()
    try {
      const result = await statusOf(entry.uploadId)
      if (result.state === "saving") return false
      this.#learn(entry, { result })
    } catch (error) {
      if (error instanceof BrokenError) return false
      this.#learn(entry, { error })
    }
    return true
  }
}

function next(saving) {
  const first = saving.sort((a, b) => a.sentAt - b.sentAt).splice(0, FIRST_SENT)
  return [...first, ...saving.sort((a, b) => a.checkedAt - b.checkedAt).splice(0, LONGEST_UNSEEN)]
}
