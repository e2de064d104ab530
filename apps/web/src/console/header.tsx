import { KeyRound, LogOut, Menu, Moon, Search, Sun, SunMoon, Users } from 'lucide-react'
import { signOut } from '../api/auth'
import { navigate } from '../nav/address'
import { Link } from '../nav/link'
import { paths } from '../paths'
import { Button } from '../ui/button'
import { Kbd, modKey } from '../ui/kbd'
import { ActionMenu } from '../ui/menu'
import { Tip } from '../ui/tooltip'
import { AlarmButton } from './alarm-button'
import { Breadcrumb } from './breadcrumb'
import { useConsole, useUser } from './store'
import { type Theme, useTheme } from './theme'

/** Where one is, a way to anything else, and oneself. */
export function Header() {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-surface px-3">
      <Button
        look="ghost"
        icon={Menu}
        aria-label="Show the inventory"
        className="md:hidden"
        onClick={() => useConsole.setState((state) => ({ drawer: !state.drawer }))}
      />
      <Link href={paths.home()} plain className="flex items-center gap-2 font-semibold hover:no-underline!">
        <Logo />
        Drover
      </Link>
      <Breadcrumb />
      <span className="flex-1" />
      <button
        type="button"
        onClick={() => useConsole.setState({ palette: true })}
        className="flex h-[30px] items-center gap-2 rounded-md border border-line-strong bg-canvas px-2 text-text-3 hover:bg-hover sm:w-60"
      >
        <Search size={14} aria-hidden />
        <span className="flex-1 text-left max-sm:sr-only">Search or act…</span>
        <span className="max-sm:hidden">
          <Kbd>{modKey('K')}</Kbd>
        </span>
      </button>
      <AlarmButton />
      <ThemeButton />
      <UserMenu />
    </header>
  )
}

function Logo() {
  return (
    <svg width="18" height="18" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" fill="var(--accent)" />
      <path d="M7 9h8v6H7zM17 9h8v6h-8zM7 17h8v6H7z" fill="var(--on-accent)" opacity=".55" />
      <path d="M17 17h8v6h-8z" fill="var(--on-accent)" />
    </svg>
  )
}

const themes: Record<Theme, { next: Theme; icon: typeof Sun; says: string }> = {
  system: { next: 'light', icon: SunMoon, says: 'Theme: as the system' },
  light: { next: 'dark', icon: Sun, says: 'Theme: light' },
  dark: { next: 'system', icon: Moon, says: 'Theme: dark' },
}

function ThemeButton() {
  const [theme, setTheme] = useTheme()
  const { next, icon, says } = themes[theme]
  return (
    <Tip text={`${says}. Click for ${next}.`} side="bottom">
      <Button look="ghost" icon={icon} aria-label={says} onClick={() => setTheme(next)} />
    </Tip>
  )
}

function UserMenu() {
  const user = useUser()
  const go = (href: string) => () => navigate(href)
  const admin =
    user.role === 'admin'
      ? [{ id: 'users', label: 'Users', icon: Users, reasons: [], run: go(paths.users()) }]
      : []
  return (
    <ActionMenu
      trigger={
        <Button look="ghost">
          <span className="sr-only">Signed in as</span>
          <span className="font-medium text-text">{user.name}</span>
          <span className="text-text-3 max-sm:hidden">{user.role}</span>
        </Button>
      }
      actions={[
        ...admin,
        {
          id: 'account',
          label: 'Password and API keys',
          icon: KeyRound,
          reasons: [],
          run: go(paths.account()),
        },
        {
          id: 'sign out',
          label: 'Sign out',
          icon: LogOut,
          group: 'out',
          reasons: [],
          run: () => void signOut(),
        },
      ]}
    />
  )
}
