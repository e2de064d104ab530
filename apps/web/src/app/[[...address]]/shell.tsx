'use client'

import dynamic from 'next/dynamic'

const Console = dynamic(() => import('../../console/console').then((module) => module.Console), {
  ssr: false,
})

export function Shell() {
  return <Console />
}
