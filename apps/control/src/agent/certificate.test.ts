import { expect, it } from 'vitest'
import { pinsOf } from './certificate'

const cert = `-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUbjpU1IZTVNxNh2+X6ihqv52TXD8wCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDcGluMCAXDTI2MTEyMjE2MDgwOFoYDzIwNTQwNDA4MTYwODA4
WjAOMQwwCgYDVQQDDANwaW4wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQMtUhR
1ychfjb/wi29/khtC7DW4ftBQUlctjEzlZgUVvzSNSqtPo4tzrrxke+D3n20eD3i
ZF5Ejo3u01tH+7w5o1MwUTAdBgNVHQ4EFgQUiH0IE5UCQx5KL39rG9HynsVOwasw
HwYDVR0jBBgwFoAUiH0IE5UCQx5KL39rG9HynsVOwaswDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiBidrudTKm8aeFwVlxGtsB91a16govykvxHJ87i
dCtGowIgXBt/l029S+qh1hLGrqMoVoIKcHsuyjqSt4m4EHSogTo=
-----END CERTIFICATE-----
`

it('computes the pins that openssl computes, as the manual of curl says', () => {
  expect(pinsOf(cert)).toEqual({
    fingerprint: 'fd197be9699a367f3361eb8125dae66e8a34a8f672f27fbba9c2064dd91d4e47',
    publicKeyPin: 'JaiSZb10I7fnyVsfE7W+rLvdsxFcQ1nbthI7wlvkS98=',
  })
})
