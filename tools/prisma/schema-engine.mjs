#!/usr/bin/env node
// Prisma starts this file as its schema engine, so it has to be a program by itself: the work is in TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./engine.ts')
