#!/usr/bin/perl
# What a lab host's kernel would say of its CPUs and memory: hosts share the machine's kernel, whose /proc/stat and
# /proc/meminfo speak of all of them together. These two are made of what the host's own processes use, as LXCFS does for
# containers, and are mounted over the others.
#   own-kernel.pl <dir for the two files>
use strict;
use warnings;

my ($dir) = @ARGV;
my $every = 0.25;
my $ticks = 100;
open my $meminfo, '<', '/proc/meminfo' or die; # the machine's, whatever is mounted over it later
open my $cpuinfo, '<', '/proc/cpuinfo' or die;
my $cores = grep { /^processor\s*:/ } <$cpuinfo>;
my ($btime) = do { open my $f, '<', '/proc/stat' or die; grep { /^btime/ } <$f> };
my $page = 4;
my (%seen, $used);
$used = 0;

sub uptime { open my $f, '<', '/proc/uptime' or die; return (split ' ', <$f>)[0]; }
my $began = uptime();

sub look {
  my (%now, $pages);
  $pages = 0;
  for my $path (glob '/proc/[0-9]*') {
    open my $f, '<', "$path/stat" or next;
    my $line = <$f> // next;
    my @field = split ' ', substr $line, rindex($line, ')') + 2;
    my $key = "$path $field[19]"; # a pid and when it began
    $now{$key} = $field[11] + $field[12];
    my $grown = $now{$key} - ($seen{$key} // 0);
    $used += $grown if $grown > 0;
    open my $m, '<', "$path/statm" or next;
    my ($size, $resident, $shared) = split ' ', <$m> // next;
    $pages += $resident - $shared;
  }
  %seen = %now;
  return $pages * $page;
}

sub put { # in place and as long as before, so that nobody reads half of it
  my ($name, $text) = @_;
  my $path = "$dir/$name";
  open my $f, (-e $path ? '+<' : '>'), $path or return;
  print $f $text;
  close $f;
}

sub cpu_line {
  my ($name, $share) = @_;
  my $total = int((uptime() - $began) * $ticks * $cores / $share);
  my $busy = int($used / $share);
  my $idle = $total > $busy ? $total - $busy : 0;
  return sprintf "%-4s %012d 0 0 %012d 0 0 0 0 0 0\n", $name, $busy, $idle;
}

sub once {
  my $kib = look();
  put('stat', join '', cpu_line('cpu', 1), (map { cpu_line("cpu$_", $cores) } 0 .. $cores - 1),
    "intr 0\nctxt 0\n${btime}processes 0\nprocs_running 1\nprocs_blocked 0\n");
  seek $meminfo, 0, 0;
  my @lines = <$meminfo>;
  my ($total) = $lines[0] =~ /(\d+)/;
  my $free = $total - $kib;
  my %own = (MemFree => $free, MemAvailable => $free, Buffers => 0, Cached => 0, SReclaimable => 0);
  put('meminfo', join '', map { /^(\w+):/ && defined $own{$1} ? sprintf("%-16s%10d kB\n", "$1:", $own{$1}) : $_ } @lines);
}

once();
if (fork) { exit 0 } # the files are there, and can be mounted
while (1) { select undef, undef, undef, $every; once(); }
