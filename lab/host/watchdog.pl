#!/usr/bin/perl
# A host's watchdog, outside of it as the real one is outside of what hangs. Its device is a pipe: the first byte arms it, and when
# none follows within its time it resets the host. The letter V lets go of it. It ends with the power.
#   watchdog.pl <pipe> <seconds> <PID 1 of the host> <how to reset it ...>
use strict;
use warnings;
use Fcntl qw(O_RDWR);
use Time::HiRes qw(time);

my ($pipe, $seconds, $init, @reset) = @ARGV;
# Also for writing, so that it is never without a writer and never at its end.
sysopen(my $device, $pipe, O_RDWR) or die "$pipe: $!";
my $armed = 0;
my $fed_at;
while (kill 0, $init) {
  my $ready = '';
  vec($ready, fileno $device, 1) = 1;
  if (select($ready, undef, undef, 0.25) > 0) {
    sysread($device, my $bytes, 4096) or die "$pipe: $!";
    $armed = $bytes !~ /V$/;
    $fed_at = time;
  }
  next unless $armed && time - $fed_at >= $seconds;
  print "not fed for $seconds s: reset\n";
  exec @reset or die "@reset: $!";
}
