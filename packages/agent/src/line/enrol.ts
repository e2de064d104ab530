import { challengeSchema, enrolledSchema, protocolVersion, refusedSchema } from '@drover/protocol'
import type { Clock, Dial, Keys } from '../ports'
import { within } from './within'

const answerMs = 15_000

/**
 * Buys an identity for the agent's own key with a join token, once in its life. Resolves with the host's id; rejects
 * with control's own words when it refuses.
 */
export function enrol(
  ports: { dial: Dial; clock: Clock; keys: Keys },
  as: { token: string; name: string; address: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const late = ports.clock.setTimer(answerMs, () => fail(new Error('Control did not answer.')))
    let over = false
    const end = (act: () => void) => {
      if (over) return
      over = true
      late()
      act()
      line.close('enrolment is over')
    }
    const fail = (error: unknown) => end(() => reject(error))
    const ask = async () => {
      const message = { protocol: protocolVersion, publicKey: ports.keys.publicKey, ...as }
      const reply = await within(ports.clock, answerMs, line.request('enrol', message), 'enrol')
      const enrolled = enrolledSchema.safeParse(reply)
      if (enrolled.success) return end(() => resolve(enrolled.data.hostId))
      const refused = refusedSchema.safeParse(reply)
      fail(new Error(refused.success ? refused.data.refused : 'Control gave an answer that makes no sense.'))
    }
    const line = ports.dial({
      receive(event, payload) {
        if (event === 'challenge' && challengeSchema.safeParse(payload).success) ask().catch(fail)
      },
      closed: (why) => fail(new Error(`The line to control closed: ${why}`)),
    })
  })
}
