import { AccountPage } from '../account/page'
import { DecisionPage } from '../decision/page'
import { IncidentPage } from '../incident/page'
import { Nowhere } from '../object/gone'
import { ObjectPage } from '../object/page'
import type { Place } from '../paths'
import { TaskPage } from '../task/page'
import { UsersPage } from '../user/page'

/** The page of a place. */
export function Outlet({ place }: { place: Place }) {
  switch (place.page) {
    case 'object':
      return <ObjectPage key={place.id ?? 'root'} place={place} />
    case 'task':
      return <TaskPage key={place.id} id={place.id} />
    case 'incident':
      return <IncidentPage key={place.id} id={place.id} />
    case 'decision':
      return <DecisionPage key={place.id} id={place.id} />
    case 'users':
      return <UsersPage />
    case 'account':
      return <AccountPage />
    case 'nowhere':
      return <Nowhere />
  }
}
