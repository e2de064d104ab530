import { type Cluster, type ClusterId, type Rule, roleAllows } from '@drover/model'
import { useQuery } from '@tanstack/react-query'
import { GitFork, Plus } from 'lucide-react'
import { useMemo } from 'react'
import { act } from '../api/act'
import { api } from '../api/client'
import { openDialog, useUser } from '../console/store'
import { List } from '../nav/list'
import { useRow, useTables } from '../replica/hooks'
import { rulesIn } from '../replica/look'
import { useStanding } from '../replica/standing'
import type { Action } from '../ui/action'
import { Blank } from '../ui/blank'
import { Button } from '../ui/button'
import { Notice } from '../ui/notice'
import { State } from '../ui/state'
import type { Column } from '../ui/table/column'
import { rowHeight } from '../ui/table/table'
import { sayRuleNow } from './words'

interface Line extends Rule {
  sentence: string
  broken: string | null
}

/** Which VMs belong together or apart, and on which hosts: each rule as a sentence; broken ones with what will mend them. */
export function RulesSection({ id }: { id: ClusterId }) {
  const cluster: Cluster | undefined = useRow('cluster', id)
  const tables = useTables()
  const { role } = useUser()
  const standing = useStanding()
  const admin = roleAllows(role, 'admin')
  const found = useQuery({
    queryKey: ['rules', id],
    queryFn: () => api.rule.list.query({ clusterId: id }),
    refetchInterval: 4_000,
    placeholderData: (before) => before,
  })
  const broken = useMemo(
    () => new Map((found.data ?? []).map((each) => [each.rule.id, each.broken])),
    [found.data],
  )
  const told = [...broken.values()].filter((text) => text !== null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows come from these tables only
  const rows: Line[] = useMemo(
    () =>
      rulesIn(tables, { noun: 'cluster', id }).map((rule) => ({
        ...rule,
        sentence: sayRuleNow(tables, rule),
        broken: broken.get(rule.id) ?? null,
      })),
    [tables.rule, tables.vm, tables.host, id, broken],
  )
  const add = () => openDialog({ kind: 'rule', clusterId: id })
  const reasons = standing ? [standing] : []
  function actions(rule: Line): Action[] {
    if (!admin) return []
    return [
      {
        id: 'change',
        label: 'Change…',
        reasons,
        run: () => openDialog({ kind: 'rule', clusterId: id, ruleId: rule.id }),
      },
      {
        id: 'enable',
        label: rule.enabled ? 'Take out of use' : 'Put into use',
        reasons,
        run: () =>
          void act(`change the rule ${rule.name}`, () =>
            api.rule.change.mutate({ ruleId: rule.id, changes: { enabled: !rule.enabled } }),
          ),
      },
      {
        id: 'delete',
        label: 'Delete…',
        danger: true,
        group: 'delete',
        reasons,
        run: () => openDialog({ kind: 'delete rule', ruleId: rule.id }),
      },
    ]
  }
  if (!cluster) return null
  return (
    <section
      aria-label="Which VMs belong where"
      className="panel flex max-h-[480px] min-w-0 flex-col overflow-hidden"
      style={{
        height: rows.length === 0 ? 276 : 122 + Math.max(2, rows.length) * rowHeight + told.length * 44,
      }}
    >
      <h2 className="flex h-9 shrink-0 items-center border-b border-line px-3 font-medium">VMs and hosts</h2>
      {told.length > 0 && (
        <div className="px-3 pt-2">
          <Notice tone="warning">
            <span>
              {told.length === 1 ? 'One rule does' : `${told.length} rules do`} not hold now: {told.join(' ')}
            </span>
          </Notice>
        </div>
      )}
      <List
        label="Rules"
        noun="rule"
        rows={rows}
        columns={columns}
        actions={actions}
        onOpen={admin ? (rule) => openDialog({ kind: 'rule', clusterId: id, ruleId: rule.id }) : undefined}
        tools={
          admin && (
            <Button icon={Plus} reasons={reasons} onClick={add}>
              New rule…
            </Button>
          )
        }
        empty={
          <Blank
            icon={GitFork}
            title={`${cluster.name} has no rule yet`}
            action={
              admin && (
                <Button look="primary" reasons={reasons} onClick={add}>
                  New rule…
                </Button>
              )
            }
          >
            A rule keeps two database VMs on different hosts, or a licensed VM on the hosts that have the
            licence. Every placement, migration and restart heeds it.
          </Blank>
        }
      />
    </section>
  )
}

const columns: Column<Line>[] = [
  {
    id: 'name',
    header: 'Name',
    width: 'minmax(140px, 1fr)',
    value: (rule) => rule.name,
    text: (rule) => rule.name,
    cell: (rule) => <span className="font-medium">{rule.name}</span>,
  },
  {
    id: 'state',
    header: 'State',
    width: '110px',
    value: (rule) => (rule.broken ? 'broken' : rule.enabled ? 'holds' : 'not in use'),
    text: (rule) => (rule.broken ? 'broken' : rule.enabled ? 'holds' : 'not in use'),
    cell: (rule) =>
      rule.broken ? (
        <State tone="warning" word="broken" />
      ) : rule.enabled ? (
        <State tone="ok" word="holds" />
      ) : (
        <State tone="off" word="not in use" />
      ),
  },
  {
    id: 'sentence',
    header: 'Says',
    width: 'minmax(320px, 4fr)',
    value: (rule) => rule.sentence,
    text: (rule) => rule.sentence,
    cell: (rule) => <span title={rule.broken ?? rule.sentence}>{rule.sentence}</span>,
  },
  {
    id: 'strict',
    header: 'Strength',
    width: '100px',
    value: (rule) => (rule.strict ? 'must' : 'should'),
    text: (rule) => (rule.strict ? 'must' : 'should'),
    cell: (rule) => (rule.strict ? 'must' : 'should'),
  },
  {
    id: 'acts',
    header: '',
    width: '90px',
    right: true,
    cell: (rule) => <ChangeLink rule={rule} />,
  },
]

function ChangeLink({ rule }: { rule: Line }) {
  const { role } = useUser()
  if (!roleAllows(role, 'admin')) return null
  return (
    <button
      type="button"
      className="link"
      aria-label={`Change the rule ${rule.name}`}
      onClick={() => openDialog({ kind: 'rule', clusterId: rule.clusterId, ruleId: rule.id })}
    >
      Change…
    </button>
  )
}
