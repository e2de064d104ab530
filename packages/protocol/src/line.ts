import type { FenceAnswer } from '@drover/model'
import type { Definition } from './domain'
import type {
  Ask,
  Cancel,
  Challenge,
  Changed,
  Command,
  CommandAck,
  CommandOutcome,
  CommandProgress,
  Duties,
  Enrol,
  Enrolled,
  Heard,
  Heartbeat,
  Hello,
  Refused,
  Report,
  SaidGoodbye,
  Welcome,
} from './message'

/**
 * The messages of the line, as socket.io events with acknowledgements (namespace `/agent`). The order on a new line:
 * control says `challenge`; the agent says `enrol` (once in its life) or `hello`; then everything else.
 */
export interface AgentToControl {
  enrol(message: Enrol, answer: (reply: Enrolled | Refused) => void): void
  hello(message: Hello, answer: (reply: Welcome | Refused) => void): void
  heartbeat(message: Heartbeat): void
  report(message: Report, answer: (reply: Received | Refused) => void): void
  changed(message: Changed, answer: (reply: Received | Refused) => void): void
  goodbye(message: SaidGoodbye, answer: (reply: Received | Refused) => void): void
  progress(message: CommandProgress): void
  result(message: CommandOutcome, answer: (reply: Received | Refused) => void): void
}

export interface ControlToAgent {
  challenge(message: Challenge): void
  command(message: Command, answer: (reply: CommandAck) => void): void
  cancel(message: Cancel): void
  heard(message: Heard): void
  duties(message: Duties): void
  ask(
    message: Ask,
    answer: (reply: Report | { definition: Definition | null } | FenceAnswer | Refused) => void,
  ): void
}

/** Durable on control's side: committed, or not needed. Without it the sender says it again. */
export interface Received {
  received: true
}
