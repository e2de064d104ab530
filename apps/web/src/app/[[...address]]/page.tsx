import { Shell } from './shell'

/** Every address of the console is this page: `paths.ts` says which place it is, the browser draws it. */
export default function Page() {
  return <Shell />
}
