import type { Severity } from '@drover/model'
import { setParams, useParam } from '../nav/address'
import { kindsOf, type Topic, topicWords } from './topics'
import type { EventFilter } from './use-events'

export const severities: readonly Severity[] = ['info', 'warning', 'error']
export const ranges: Record<string, { word: string; ms: number }> = {
  hour: { word: 'Last hour', ms: 3_600_000 },
  day: { word: 'Last 24 hours', ms: 86_400_000 },
  week: { word: 'Last 7 days', ms: 7 * 86_400_000 },
}

function setOf<T extends string>(text: string, allowed: readonly T[]): Set<T> {
  return new Set(text.split(',').filter((each): each is T => allowed.includes(each as T)))
}

/** Epoch ms of a `datetime-local` field; undefined when it is empty or no time. */
export function timeOf(text: string): number | undefined {
  const at = text ? new Date(text).getTime() : Number.NaN
  return Number.isFinite(at) ? at : undefined
}

/** The filters of the history, as the address has them. */
export function useEventFilter(subject: string | null) {
  const [text, setText] = useParam('q')
  const [who, setWho] = useParam('who')
  const [about] = useParam('about')
  const [topicText] = useParam('topics')
  const [severityText] = useParam('severity')
  const [stages] = useParam('stages')
  const [from, setFrom] = useParam('from')
  const [to, setTo] = useParam('to')
  const topics = setOf<Topic>(topicText, Object.keys(topicWords) as Topic[])
  const chosen = setOf<Severity>(severityText, severities)
  const id = subject ?? about
  const kinds = kindsOf(topics, stages === 'yes')

  const filter: EventFilter = {
    ...(id ? { subjects: [id] } : {}),
    ...(kinds ? { kinds } : {}),
    ...(who ? { initiator: who } : {}),
    ...(chosen.size > 0 ? { severities: [...chosen] } : {}),
    ...(text ? { text } : {}),
    ...(timeOf(from) === undefined ? {} : { fromAt: timeOf(from) }),
    ...(timeOf(to) === undefined ? {} : { toAt: timeOf(to) }),
  }
  return {
    filter,
    text,
    setText,
    who,
    setWho,
    from,
    setFrom,
    to,
    setTo,
    topics,
    setTopics: (next: Set<Topic>) => setParams({ topics: [...next].join(',') }),
    chosen,
    setChosen: (next: Set<Severity>) => setParams({ severity: [...next].join(',') }),
    stages: stages === 'yes',
    setStages: (on: boolean) => setParams({ stages: on ? 'yes' : null }),
    about: subject ? null : about,
    active: Boolean(text || who || topics.size || chosen.size || from || to || (!subject && about)),
    clear: () =>
      setParams({
        q: null,
        who: null,
        about: null,
        topics: null,
        severity: null,
        stages: null,
        from: null,
        to: null,
      }),
  }
}
