// Asking the API: JSON in and out; what goes wrong is an error with plain words.


export class ApiError extends Error {
  constructor(message, { fix = "", status = 0 } = {}) {
    super(message)
    this.fix = fix
    this.status = status
  }

  /** Whether it may work in a moment. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** Send a request to a route of ours; return what fetch returns, or throw ApiError. */
export async function send(address, { method = "GET", body, headers = {}, ...options } = {}) {
  const json = body === undefined ? {} : { "Content-Type": "application/json" }
  let answer
  try {
    answer = await fetch(address, { method, headers: { ...json, ...headers }, body: body && JSON.stringify(body), ...options })
  } catch (error) {
    if (error.name === "AbortError") throw error
    throw new ApiError("Study Buddy does not answer", { fix: "Look whether it is still running." })
  }
  if (answer.ok) return answer
  const { error } = await answer.json().catch(() => ({}))
  throw new ApiError(error?.message ?? `The answer was ${answer.status}`, { fix: error?.fix, status: answer.status })
}

export async function ask(address, options) {
  const answer = await send(address, options)
  return answer.status === 204 ? null : answer.json()
}

/** Return all rows of a list that comes in parts. */
export async function all(address, name, options) {
  return (await whole(address, name, options))[name]
}

/** Return a list that comes in parts, with what else its last part tells. */
export async function whole(address, name, { limit = 500 } = {}) {
  const rows = []
  let part = { next: null }
  do {
    const after = part.next ? `&after=${encodeURIComponent(part.next)}` : ""
    part = await ask(`${address}?limit=${limit}${after}`)
    rows.push(...part[name])
  } while (part.next)
  return { ...part, [name]: rows }
}
