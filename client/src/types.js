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
 * @property {() => void} [poll] starts the next poll
 *
 * @typedef {object} Listener what a wire tells
 * @property {() => void} opened
 * @property {(text: string) => void} text one frame
 * @property {(frame: Frame, size: number) => void} frame one frame
 * @property {() => void} heard any sign of life
 * @property {() => void} idle the poll is over
 * @property {(why: Failure) => void} closed
 *
 * @typedef {object} Context what a wire needs
 * @property {string} url
 * @property {typeof WebSocket} WebSocket
 * @property {typeof fetch} fetch
 * @property {RequestCredentials} [credentials]
 * @property {(ms: number, run: () => void) => () => void} later
 * @property {() => number} now
 * @property {() => number} random
 * @property {() => number} heartbeat
 * @property {() => Frame} hello without resume, which is in the headers
 * @property {() => Record<string, string>} attach headers that resume, with an attach number of their own
 * @property {() => Record<string, string>} headers of every request
 * @property {() => string | undefined} next
 * @property {(size: number, most: number) => {first: number, texts: string[]}} batch
 * @property {(count: number) => void} accepted
 * @property {(code: string) => void} refuse the first unconfirmed frame is not acceptable
 *
 * @typedef {(ctx: Context, on: Listener) => Wire} Open
 */

/**
 * @typedef {object} Link a wire and its place in the session
 * @property {string} name
 * @property {import('./machine.js').Count} count
 * @property {Wire} [wire]
 * @property {boolean} [done] nothing from it matters any more
 * @property {boolean} [upgrade] it is to replace one that works, by the policy's wish
 * @property {string} [probe] id of the ping that has to be answered before it attaches
 * @property {boolean} [checked] it was asked for a sign of life
 * @property {boolean} [waiting] its next poll waits for another wire's attach
 * @property {number} heard when it last gave a sign of life
 * @property {Set<() => void>} timers
 * @property {Frame} [bye]
 * @property {Frame} [error] told before the welcome
 * @property {(error?: PolywireError) => void} [settle] whoever asked for the switch
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
 * @property {(string | (() => string | undefined | Promise<string | undefined>))} [token]
 * @property {unknown} [capabilities]
 * @property {number} [welcomeTimeout]
 * @property {any} WebSocket
 * @property {any} fetch
 * @property {RequestCredentials} [credentials]
 *
 * @typedef {object} Events what the engine tells
 * @property {(frame: Frame) => void} frame a counted frame, once and in order
 * @property {(welcome: Frame, result: import('./machine.js').Welcomed) => void} welcome
 * @property {(entry: import('./machine.js').Entry, code: string) => void} refused
 * @property {(state: State, detail?: PolywireError) => void} state
 * @property {(name: string, previous?: string) => void} transport
 * @property {(count: number, code: string) => void} missed frames that the server sent and that never came
 * @property {(token: string | undefined) => void} token one was got for a wire
 * @property {(what: string, detail?: unknown) => void} debug
 */

/** @typedef {string | (() => string | undefined | Promise<string | undefined>)} TokenSource a token, or who gets one */

/**
 * @typedef {object} Subscribed what a subscribe is answered
 * @property {import('./channel.js').Position} [position]
 * @property {boolean} [recovered] when a position was given: whether exactly what follows it comes
 * @property {import('./presence.js').Member[]} [members]
 * @property {number} [count]
 * @property {any} [snapshot]
 */
