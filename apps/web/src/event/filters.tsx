import type { ObjectId, Severity } from '@drover/model'
import { Download, ListFilter, X } from 'lucide-react'
import { useId, useState } from 'react'
import { toast } from 'sonner'
import { sayError } from '../api/errors'
import { sayDate } from '../format/time'
import { FilterBox } from '../nav/list'
import { tablesNow } from '../replica/hooks'
import { pathOf } from '../replica/look'
import { Button } from '../ui/button'
import { now } from '../ui/clock'
import { Input } from '../ui/field'
import { ActionMenu, CheckMenu } from '../ui/menu'
import { download, fetchAll, toCsv } from './export'
import { ranges, severities, type useEventFilter } from './filter'
import { type Topic, topicWords } from './topics'
import { VerifyButton } from './verify'

type FilterState = ReturnType<typeof useEventFilter>

const options = <T extends string>(words: Record<T, string>) =>
  (Object.entries(words) as [T, string][]).map(([value, label]) => ({ value, label }))

/** `2026-07-14T13:05`, as a `datetime-local` field wants it. */
function localTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return date.toISOString().slice(0, 16)
}

export function Filters({ filters, count, more }: { filters: FilterState; count: number; more: boolean }) {
  return (
    <div className="flex min-h-11 flex-wrap items-center gap-2 px-4 py-1.5">
      <FilterBox value={filters.text} onChange={filters.setText} label="Text in events" narrow />
      <FilterMenu<Topic>
        label="About"
        words={topicWords}
        chosen={filters.topics}
        onChange={filters.setTopics}
      />
      <FilterMenu<Severity>
        label="Severity"
        words={{ info: 'Info', warning: 'Warning', error: 'Error' }}
        chosen={filters.chosen}
        onChange={(next) => filters.setChosen(new Set(severities.filter((each) => next.has(each))))}
      />
      <Input
        aria-label="By whom"
        placeholder="By whom"
        className="h-[30px]! w-24!"
        defaultValue={filters.who}
        key={`who-${filters.active}`}
        onBlur={(event) => filters.setWho(event.target.value.trim())}
        onKeyDown={(event) => event.key === 'Enter' && filters.setWho(event.currentTarget.value.trim())}
      />
      <TimeField label="From" value={filters.from} onChange={filters.setFrom} />
      <TimeField label="Until" value={filters.to} onChange={filters.setTo} />
      <ActionMenu
        trigger={<Button look="ghost">Last…</Button>}
        actions={Object.entries(ranges).map(([id, range]) => ({
          id,
          label: range.word,
          reasons: [],
          run: () => filters.setFrom(localTime(now() - range.ms)),
        }))}
      />
      <Button
        look="ghost"
        aria-pressed={filters.stages}
        aria-label="Stages of tasks"
        className={filters.stages ? 'bg-selected! text-accent!' : ''}
        onClick={() => filters.setStages(!filters.stages)}
      >
        Stages
      </Button>
      {filters.about && <About id={filters.about as ObjectId} />}
      {filters.active && (
        <Button look="ghost" icon={X} onClick={filters.clear}>
          Clear
        </Button>
      )}
      <span className="flex-1" />
      <span className="text-sm text-text-3">
        {count}
        {more ? '+' : ''} events
      </span>
      <VerifyButton />
      <ExportMenu filters={filters} />
    </div>
  )
}

/** A time, with its name where one can see it: an empty field says nothing of itself. */
function TimeField({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <span className="flex items-center gap-1.5">
      <label htmlFor={id} className="text-text-3">
        {label}
      </label>
      <Input
        id={id}
        type="datetime-local"
        className="h-[30px]! w-[168px]!"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </span>
  )
}

function About({ id }: { id: ObjectId }) {
  const name = pathOf(tablesNow(), id).at(-1)?.name ?? 'something that is no longer here'
  return <span className="rounded-sm border border-line-strong px-1.5">about {name}</span>
}

function FilterMenu<T extends string>({
  label,
  words,
  chosen,
  onChange,
}: {
  label: string
  words: Record<T, string>
  chosen: ReadonlySet<T>
  onChange: (next: Set<T>) => void
}) {
  return (
    <CheckMenu
      label={label}
      trigger={
        <Button icon={ListFilter} className={chosen.size > 0 ? 'border-accent!' : ''}>
          {label}
          {chosen.size > 0 && <span className="num text-accent">{chosen.size}</span>}
        </Button>
      }
      options={options(words)}
      chosen={chosen}
      onChange={(next) => onChange(next as Set<T>)}
    />
  )
}

function ExportMenu({ filters }: { filters: FilterState }) {
  const [count, setCount] = useState<number | null>(null)
  async function save(kind: 'csv' | 'json') {
    setCount(0)
    try {
      const events = await fetchAll(filters.filter, setCount)
      const name = `drover-events-${sayDate(now())}.${kind}`
      if (kind === 'csv') download(name, 'text/csv', toCsv(events))
      else download(name, 'application/json', JSON.stringify(events, null, 1))
    } catch (error) {
      toast.error('Could not export the history', { description: sayError(error) })
    } finally {
      setCount(null)
    }
  }
  return (
    <ActionMenu
      trigger={
        <Button icon={Download} busy={count !== null}>
          {count === null ? 'Export' : `${count} events…`}
        </Button>
      }
      actions={[
        { id: 'csv', label: 'As CSV, for spreadsheets', reasons: [], run: () => void save('csv') },
        { id: 'json', label: 'As JSON, complete with hashes', reasons: [], run: () => void save('json') },
      ]}
    />
  )
}
