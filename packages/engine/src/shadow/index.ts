export { shadowPicture, shadowRound } from './round'
export { decideShadowEnd, decideShadowNote, decideShadowStart, sayShadowDay, shadowOf } from './shadow'
