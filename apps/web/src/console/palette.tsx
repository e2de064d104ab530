import type { ObjectId } from '@drover/model'
import { Command } from 'cmdk'
import { CornerDownLeft, type LucideIcon } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { useMemo, useState } from 'react'
import { navigate, usePath } from '../nav/address'
import { actionsOf } from '../object/actions'
import { nounIcons, nounWords } from '../object/icons'
import { nounOf, paths, placeAt } from '../paths'
import { tablesNow } from '../replica/hooks'
import { pathOf } from '../replica/look'
import type { Action } from '../ui/action'
import { cx } from '../ui/cx'
import { findActions, findObjects, findPages } from './search'
import { useConsole, useUser } from './store'

/** Objects, pages and actions by name; actions refuse here for the same reasons as everywhere. */
export function Palette() {
  const open = useConsole((state) => state.palette)
  return (
    <Radix.Root open={open} onOpenChange={(palette) => useConsole.setState({ palette })}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(0_0_0/0.35)]" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed left-1/2 top-[12vh] z-50 w-[min(600px,calc(100vw-16px))] -translate-x-1/2 overflow-hidden rounded-lg border border-line-strong bg-raised shadow-(--shadow)"
        >
          <Radix.Title className="sr-only">Search or act</Radix.Title>
          <Search />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

function close() {
  useConsole.setState({ palette: false })
}

function Search() {
  const [text, setText] = useState('')
  const user = useUser()
  const place = placeAt(usePath())
  const here = place.page === 'object' ? place.id : null
  const tables = tablesNow()
  const words = useMemo(() => text.toLowerCase().split(/\s+/).filter(Boolean), [text])
  const objects = findObjects(tables, words, 12)
  const actions =
    words.length === 0
      ? here
        ? actionsOf(tables, here, user.role).map((action) => ({ action, object: nameOf(here) }))
        : []
      : findActions(tables, words, user.role, here, 8)
  const pages = findPages(words, user.role)

  function go(href: string) {
    close()
    navigate(href)
  }
  function nameOf(id: ObjectId): string {
    return pathOf(tables, id).at(-1)?.name ?? ''
  }
  return (
    <Command shouldFilter={false} label="Search or act" loop>
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder="A name, a page, or “migrate web-17”"
        className="h-11 w-full border-b border-line bg-transparent px-4 text-lg outline-none placeholder:text-text-3"
      />
      <Command.List className="max-h-[56vh] overflow-y-auto p-1">
        <Command.Empty className="px-3 py-6 text-center text-text-3">
          Nothing is called that. Names, host names and page names are searched.
        </Command.Empty>
        <Group title="Objects" show={words.length > 0 && objects.length > 0}>
          {objects.map((object) => {
            const noun = nounOf(object.id) as keyof typeof nounIcons
            return (
              <Row
                key={object.id}
                value={object.id}
                icon={nounIcons[noun]}
                label={object.name}
                aside={nounWords[noun]}
                onSelect={() => go(paths.object(object.id))}
              />
            )
          })}
        </Group>
        <Group title="Actions" show={actions.length > 0}>
          {actions.map(({ action, object }) => (
            <ActionRow key={`${object} ${action.id}`} action={action} object={object} />
          ))}
        </Group>
        <Group title="Pages" show={pages.length > 0}>
          {pages.map((page) => (
            <Row
              key={page.href}
              value={page.href}
              icon={page.icon}
              label={page.name}
              onSelect={() => go(page.href)}
            />
          ))}
        </Group>
      </Command.List>
    </Command>
  )
}

function Group({ title, show, children }: { title: string; show: boolean; children: React.ReactNode }) {
  if (!show) return null
  return (
    <Command.Group
      heading={title}
      className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-sm [&_[cmdk-group-heading]]:text-text-3"
    >
      {children}
    </Command.Group>
  )
}

interface RowProps {
  value: string
  icon?: LucideIcon
  label: string
  aside?: string
  about?: string
  blocked?: boolean
  onSelect: () => void
}

function Row({ value, icon: Icon, label, aside, about, blocked, onSelect }: RowProps) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className={cx(
        'group flex min-h-8 items-center gap-2.5 rounded-sm px-3 py-1 data-[selected=true]:bg-selected',
        blocked && 'text-text-3',
      )}
    >
      {Icon && <Icon size={14} strokeWidth={1.75} className="shrink-0 text-text-3" aria-hidden />}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{label}</span>
        {about && (
          <span className="block text-sm text-text-3">
            {blocked && <span className="sr-only">Not possible: </span>}
            {about}
          </span>
        )}
      </span>
      {aside && <span className="text-text-3">{aside}</span>}
      {!blocked && (
        <CornerDownLeft
          size={12}
          className="invisible text-text-3 group-data-[selected=true]:visible"
          aria-hidden
        />
      )}
    </Command.Item>
  )
}

function ActionRow({ action, object }: { action: Action; object: string }) {
  const blocked = action.reasons.length > 0
  return (
    <Row
      value={`${action.id} ${object}`}
      icon={action.icon}
      label={`${action.label.replace('…', '')} ${object}${action.label.endsWith('…') ? '…' : ''}`}
      about={blocked ? action.reasons.join(' ') : undefined}
      blocked={blocked}
      onSelect={() => {
        if (blocked) return
        close()
        action.run()
      }}
    />
  )
}
