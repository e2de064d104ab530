import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { act } from '../api/act'
import { api, queryClient, trpc } from '../api/client'
import { sayError } from '../api/errors'
import { sayDate } from '../format/time'
import { Skeleton, Trouble } from '../ui/blank'
import { Button } from '../ui/button'
import { Confirm } from '../ui/confirm'
import { Command } from '../ui/copy'
import { Panel } from '../ui/facts'
import { Field, Input, Select } from '../ui/field'
import { Mark } from '../ui/state'
import { Ago } from '../ui/time'

const day = 86_400_000
const lives: { label: string; ms: number | null }[] = [
  { label: '30 days', ms: 30 * day },
  { label: '90 days', ms: 90 * day },
  { label: 'a year', ms: 365 * day },
  { label: 'no end', ms: null },
]

interface KeyRow {
  id: string
  name: string
  start: string | null
  createdAt: number
  lastUsedAt: number | null
  expiresAt: number | null
}

const refresh = () => queryClient.invalidateQueries(trpc.apiKey.list.queryFilter())

/** Keys for programs that act as oneself. */
export function ApiKeys() {
  const query = useQuery(trpc.apiKey.list.queryOptions())
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null)
  const [revoking, setRevoking] = useState<KeyRow | null>(null)
  return (
    <Panel title="API keys" aside="for programs that act as you, such as the command line">
      <NewKey onMade={setSecret} />
      {secret && (
        <div role="status" className="grid gap-2 border-b border-line p-3">
          <p className="flex items-center gap-2">
            <Mark tone="warning" /> This is {secret.name}. Copy it now: it is shown this once and not kept.
          </p>
          <Command text={secret.secret} label="Copy the key" />
        </div>
      )}
      {query.isPending ? (
        <Skeleton rows={2} />
      ) : query.isError ? (
        <Trouble title="Your keys cannot be shown" onRetry={() => void query.refetch()}>
          {sayError(query.error)}
        </Trouble>
      ) : query.data.length === 0 ? (
        <p className="px-3 py-2 text-text-3">You have no keys yet.</p>
      ) : (
        <ul>
          {query.data.map((key) => (
            <li
              key={key.id}
              className="flex flex-wrap items-center gap-3 border-b border-line px-3 py-1.5 last:border-0"
            >
              <span className="min-w-32 flex-1 font-medium">{key.name}</span>
              <span className="num text-text-3">{key.start ? `${key.start}…` : ''}</span>
              <span className="text-text-3">
                {key.lastUsedAt ? (
                  <>
                    used <Ago at={key.lastUsedAt} />
                  </>
                ) : (
                  'never used'
                )}
              </span>
              <span className="text-text-3">
                {key.expiresAt ? `until ${sayDate(key.expiresAt)}` : 'no end'}
              </span>
              <Button aria-label={`Revoke ${key.name}`} onClick={() => setRevoking(key)}>
                Revoke…
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoking && (
        <Confirm
          danger
          title={`Revoke ${revoking.name}`}
          about="Programs that use it are turned away at once."
          label="Revoke"
          run={async () => {
            const done = await act(`revoke ${revoking.name}`, () =>
              api.apiKey.revoke.mutate({ keyId: revoking.id }),
            )
            if (done) await refresh()
            return done
          }}
          onClose={() => setRevoking(null)}
        />
      )}
    </Panel>
  )
}

function NewKey({ onMade }: { onMade: (made: { name: string; secret: string }) => void }) {
  const [name, setName] = useState('')
  const [life, setLife] = useState('90 days')
  const [busy, setBusy] = useState(false)
  async function make() {
    setBusy(true)
    await act(`make the key ${name.trim()}`, async () => {
      const expiresInMs = lives.find((each) => each.label === life)?.ms ?? null
      const made = await api.apiKey.create.mutate({ name: name.trim(), expiresInMs })
      onMade({ name: made.name, secret: made.secret })
      setName('')
      await refresh()
    })
    setBusy(false)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() && !busy) void make()
      }}
      className="flex flex-wrap items-end gap-2 border-b border-line p-3"
      aria-label="New key"
    >
      <Field label="Name of a new key">
        <Input
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="laptop"
          maxLength={100}
        />
      </Field>
      <Field label="Good for">
        <Select value={life} onChange={(event) => setLife(event.target.value)}>
          {lives.map((each) => (
            <option key={each.label}>{each.label}</option>
          ))}
        </Select>
      </Field>
      <Button
        type="submit"
        className="h-8!"
        busy={busy}
        reasons={name.trim() ? [] : ['Give it a name, so that you know it again.']}
      >
        Make key
      </Button>
    </form>
  )
}
