import { type ClusterId, type DecisionState, type LoadDecision, sayBytes } from '@drover/model'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ListFilter, Scale } from 'lucide-react'
import { useMemo } from 'react'
import { api } from '../api/client'
import { sayError } from '../api/errors'
import { navigate, setParams, useParam } from '../nav/address'
import { Link } from '../nav/link'
import { List } from '../nav/list'
import { paths } from '../paths'
import { useTables } from '../replica/hooks'
import { decisionsIn, type Scope } from '../replica/look'
import { Blank, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { CheckMenu } from '../ui/menu'
import { State } from '../ui/state'
import type { Column, Order } from '../ui/table/column'
import { At } from '../ui/time'
import { costOf, decisionShown, kindOf, sayActs, saySpread } from './state'

const newestFirst: Order = { column: 'at', descending: true }
const pageLength = 200

const kinds = { threshold: 'thresholds', balance: 'balance', power: 'power saving' } as const

const by = (decision: LoadDecision) =>
  decision.automatic
    ? 'by itself'
    : (decision.person ?? (decision.state === 'open' ? 'nobody yet' : 'nobody'))

const columns: Column<LoadDecision>[] = [
  {
    id: 'at',
    header: 'When',
    width: '110px',
    value: (decision) => decision.at,
    cell: (decision) => <At at={decision.at} className="num" />,
  },
  {
    id: 'rule',
    header: 'Rule',
    width: 'minmax(130px, 3fr)',
    value: (decision) => decision.by.name,
    text: (decision) => decision.by.name,
    cell: (decision) => (
      <Link href={paths.decision(decision.id)} className="font-medium" title={decision.by.name}>
        {decision.by.name}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    width: '140px',
    value: (decision) => decisionShown[decision.state].word,
    text: (decision) => decisionShown[decision.state].word,
    cell: (decision) => <State {...decisionShown[decision.state]} />,
  },
  {
    id: 'acts',
    header: 'What',
    width: 'minmax(160px, 3fr)',
    value: (decision) => decision.moves.length + decision.power.length,
    text: (decision) => `${sayActs(decision)} ${decision.moves.map(({ vm }) => vm.name).join(' ')}`,
    cell: (decision) => <span title={sayActs(decision)}>{sayActs(decision)}</span>,
  },
  {
    id: 'text',
    header: 'Why',
    width: 'minmax(200px, 5fr)',
    value: (decision) => decision.text,
    text: (decision) => decision.text,
    cell: (decision) => <span title={decision.text}>{decision.text}</span>,
  },
  {
    id: 'gain',
    header: 'CPU apart',
    width: '130px',
    right: true,
    value: (decision) => decision.before.cpu - decision.after.cpu,
    cell: (decision) => (
      <span className="num">
        {saySpread(decision.before.cpu)} → {saySpread(decision.after.cpu)}
      </span>
    ),
  },
  {
    id: 'bytes',
    header: 'Carried',
    width: '90px',
    right: true,
    value: (decision) => costOf(decision.moves).bytes,
    cell: (decision) => (
      <span className="num">{decision.moves.length > 0 ? sayBytes(costOf(decision.moves).bytes) : '–'}</span>
    ),
  },
  { id: 'by', header: 'Applied', width: '100px', value: by, text: by, cell: by },
]

const setOf = <T extends string>(text: string, allowed: readonly T[]) =>
  new Set(text.split(',').filter((each): each is T => allowed.includes(each as T)))

/** Every decision about load, of rules and of people, newest first; the past is read as one scrolls for it. */
export function DecisionsTab({ scope }: { scope: Scope }) {
  const tables = useTables()
  const [stateText] = useParam('state')
  const [kindText] = useParam('rule')
  const states = setOf(stateText, Object.keys(decisionShown) as DecisionState[])
  const chosen = setOf(kindText, Object.keys(kinds) as (keyof typeof kinds)[])
  const past = useInfiniteQuery({
    queryKey: ['decisions', scope.id],
    queryFn: ({ pageParam }) =>
      api.decision.list.query({
        ...(scope.noun === 'cluster' ? { clusterId: scope.id as ClusterId } : {}),
        ...(pageParam === null ? {} : { beforeAt: pageParam }),
        limit: pageLength,
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) =>
      page.length < pageLength ? null : ((page.at(-1) as LoadDecision).at ?? null),
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from this table only
  const all = useMemo(() => {
    const rows = new Map<string, LoadDecision>()
    for (const page of past.data?.pages ?? [])
      for (const decision of page as LoadDecision[]) rows.set(decision.id, decision)
    for (const decision of decisionsIn(tables, scope)) rows.set(decision.id, decision)
    return [...rows.values()]
  }, [tables.decision, scope.id, past.data])
  const rows = all.filter(
    (decision) =>
      (states.size === 0 || states.has(decision.state)) &&
      (chosen.size === 0 || chosen.has(kindOf(decision.by))),
  )
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {past.isError && (
        <Trouble title="Older decisions cannot be read" onRetry={() => void past.refetch()}>
          {sayError(past.error)} Those of late are below.
        </Trouble>
      )}
      <List
        label="Decisions"
        noun="decision"
        rows={rows}
        columns={columns}
        fallback={newestFirst}
        onOpen={(decision) => navigate(paths.decision(decision.id))}
        tools={
          <>
            <CheckMenu
              label="State"
              trigger={
                <Button icon={ListFilter}>
                  State{states.size > 0 && <span className="num text-accent">{states.size}</span>}
                </Button>
              }
              options={Object.entries(decisionShown).map(([value, { word }]) => ({ value, label: word }))}
              chosen={states}
              onChange={(next) => setParams({ state: [...next].join(',') })}
            />
            <CheckMenu
              label="Rule"
              trigger={
                <Button icon={ListFilter}>
                  Rule{chosen.size > 0 && <span className="num text-accent">{chosen.size}</span>}
                </Button>
              }
              options={Object.entries(kinds).map(([value, label]) => ({ value, label }))}
              chosen={chosen}
              onChange={(next) => setParams({ rule: [...next].join(',') })}
            />
            {past.hasNextPage && (
              <Button busy={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
                Older
              </Button>
            )}
          </>
        }
        empty={
          states.size + chosen.size > 0 ? (
            <Blank
              icon={Scale}
              title="No decision of that kind"
              action={<Button onClick={() => setParams({ state: null, rule: null })}>Show all</Button>}
            />
          ) : (
            <Blank icon={Scale} title="No rule has decided anything yet">
              Each recommendation and each automatic move is kept here with what it was made from, so that one
              can say later why it happened, and what today’s rules would do.
            </Blank>
          )
        }
      />
    </div>
  )
}
