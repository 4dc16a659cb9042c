/** Types that the engine and the wires share; there is no code here. */
/** @typedef {import('./errors.js').PolywireError} PolywireError */
export {};

/** @typedef {import('./machine.js').Frame} Frame */
/** @typedef {import('./errors.js').Failure} Failure */
/** @typedef {'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed'} State */

/**
 * @typedef {object} Wire what carries the session for a while
 * @property {(frame: Frame) => void} control sends an uncounted frame
 * @property {() => void} flush sends what the machine has
 * @property {() => void} close ends it; nothing comes from it afterwards
 * @property {(wait?: number) => void} [poll] starts the next poll, which waits so many milliseconds; it overtakes one that is under way
 *
 * @typedef {object} Context what a wire needs, and what it tells
 * @property {string} url
 * @property {typeof WebSocket} WebSocket
 * @property {typeof fetch} fetch
 * @property {'omit' | 'same-origin' | 'include'} [credentials]
 * @property {(ms: number, run: () => void) => () => void} later runs nothing any more once the wire is retired
 * @property {() => number} now
 * @property {() => number} random
 * @property {() => number} rhythm milliseconds between two signs of life of the server
 * @property {boolean} [done] it is retired: what it tells is ignored
 * @property {(token?: string, resume?: Frame) => Frame} hello over HTTP, headers tell what is left out
 * @property {() => Record<string, string> | undefined} resuming headers that resume, with an attach number of their own
 * @property {() => Record<string, string>} headers of every request
 * @property {() => string | undefined} next
 * @property {(size: number, most: number) => {first: number, texts: string[]}} batch
 * @property {(count: number) => void} accepted
 * @property {(code?: string, first?: boolean) => void} refuse gives up frames that are not acceptable: the first unconfirmed one,
 *   or what is too large for the server
 * @property {() => void} opened
 * @property {(text: string) => void} text one frame
 * @property {(frame: Frame | undefined, size: number) => void} frame one frame
 * @property {() => void} heard any sign of life
 * @property {(wait?: number) => void} idle the poll is over, or is to be
 * @property {(why: Failure) => void} closed
 *
 * @typedef {(ctx: Context) => Wire} Open
 */

/**
 * @typedef {Context & Place} Link a wire and its place in the session
 *
 * @typedef {object} Place
 * @property {string} name
 * @property {import('./machine.js').Count} tally
 * @property {Wire} [wire]
 * @property {boolean} [upgrade] it is to replace one that works, by the policy's wish
 * @property {boolean} [probe] a ping has to be answered before it attaches
 * @property {boolean} [checked] it was asked for a sign of life
 * @property {boolean} [waiting] its next poll waits for another wire's attach
 * @property {number} at when it last gave a sign of life
 * @property {Set<() => void>} timers what is to be cancelled with it
 * @property {() => void} drift the numbers cannot be right: ends it
 * @property {() => void} greet says hello on a WebSocket
 * @property {() => void} dial opens the wire
 * @property {Frame} [told] its bye, or an error before the welcome
 * @property {(error?: PolywireError) => void} [settle] whoever asked for the switch
 */

/**
 * @typedef {object} Core what an engine shares with its links
 * @property {import('./machine.js').Machine} machine
 * @property {Link} [current] the wire in use
 * @property {Link} [trial] the wire being opened
 * @property {string} [token]
 * @property {number} rhythm milliseconds between two signs of life of the server
 */

/**
 * @typedef {object} EngineOptions
 * @property {string} url
 * @property {string} client the instance nonce
 * @property {Record<string, Open>} wires
 * @property {import('./policy.js').Policy} policy
 * @property {() => number} now
 * @property {(ms: number, run: () => void) => () => void} later
 * @property {() => number} random
 * @property {TokenSource} [token]
 * @property {unknown} [capabilities]
 * @property {number} [welcomeTimeout]
 * @property {any} WebSocket
 * @property {any} fetch
 * @property {'omit' | 'same-origin' | 'include'} [credentials]
 *
 * @typedef {object} Events what the engine tells
 * @property {(frame: Frame) => void} frame a counted frame, once and in order
 * @property {(welcome: Frame, result: import('./machine.js').Welcomed) => void} welcome
 * @property {(entry: import('./machine.js').Entry, code: string) => void} refused
 * @property {(state: State, detail?: PolywireError) => void} state
 * @property {(name: string, detail: any) => void} emit tells the application
 * @property {(token: string | undefined) => void} token one was got for a wire
 * @property {(what: string, detail?: unknown) => void} note for whoever debugs
 */

/** @typedef {import('./async.js').TokenSource} TokenSource */

/**
 * @typedef {object} Subscribed what a subscribe is answered
 * @property {import('./channel.js').Position} [position]
 * @property {boolean} [recovered] when a position was given: whether exactly what follows it comes
 * @property {import('./presence.js').Member[]} [members]
 * @property {number} [count]
 * @property {any} [snapshot]
 */

/** @typedef {import('./presence.js').Member} Member */

/**
 * @typedef {object} Change who came or went
 * @property {string} channel
 * @property {number} version
 * @property {Member} member
 * @property {number} [count]
 * @property {boolean} [first] the user's first session here
 * @property {boolean} [last] the user's last one
 */

/**
 * @typedef {object} Gap messages that will not come
 * @property {string} channel
 * @property {string} reason
 * @property {import('./channel.js').Position} [position] where the channel goes on
 * @property {number} [count] how many, if that is known
 * @property {boolean} [local] a `for await` loop fell behind; others have had them
 */

/**
 * A channel's own events.
 * @typedef {{
 *   ':subscribed': Subscribed,
 *   ':unsubscribed': {channel: string, reason: string},
 *   ':gap': Gap,
 *   ':join': Change,
 *   ':leave': Change,
 *   ':presence': {channel: string, version?: number, members?: Member[], member?: Member, count?: number},
 * }} News
 */

/**
 * @typedef {object} Happenings a connection's events
 * @property {{state: State, transport?: string, error?: PolywireError}} state
 * @property {{transport: string, previous?: string}} transport
 * @property {Gap} gap of any channel
 * @property {any} error one without a question, or what a handler threw
 * @property {{reason: string, frame?: Frame, count?: number}} lost
 * @property {{transport?: string}} resumed the same session goes on
 * @property {{reason: string, session: string}} reset the session was lost and a new one opened
 * @property {import('./channel.js').Message} message to this session alone
 * @property {{expiresIn: number, error?: unknown}} expiring milliseconds until the token ends
 */
