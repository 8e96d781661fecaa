"""The words that errors of MySQL, Vitess and PlanetScale are made of: they may stay in a text for people.

Words of the trade and of plain English only; nothing that is likelier in a row than in a message.
"""

from typing import Final

PLAIN_WORDS: Final = frozenset(
    """
a abandoned able aborted aborting about above absent accept accepted accepts access accesses
accessing account acknowledged acquired across acting actions activate activated active actively
actual add added adding additional address admin advance after again against aggregates agree ahead
ain't algorithm alias alive all allow allowed alone already alreadyexists also alter alternatives
although always am ambiguous among amount an analyze and announced anonymous another answer answered
answers any anymore anything api app appears applied applies apply applying approximately archive
are aren't argument arguments array as ask asked assign associated assumed at attempt attempted
attempts attribute auth authenticating authentication authorization auto autocommit autocommitted
autoextend autoincrement automatic available avoid await awaiting away back backed backend backends
backing backoff backup backups bad balance base based be because become been before began begin
beginning begins behind being belong belongs below beside better between beyond big bigger bigint
billion bin binary bind bindvar bindvars binlog binlogs bit bitset blank blank's blob block blocked
blocks body boolean bootstrap both bound branch branches breaks broke broken brought budget buffer
buffered buffering bug build building built bulk busy but by bypass byte bytes cache call called
caller callerid calls came can can't canceled canceling cancelled cancelling cannot capacity case
catalog catch catching caught causes cell cells certificate change changed changes changing char
character characteristics characters chars charset check checked checking checks checksum child
choose chosen circularity clashes clause clean cleanup clear client clients clone close closed
cluster clusterevent clusters coalesced code collation collations column columns combination combine
combined command comment commit commits communicate communication community compare compared
comparing compatible compilation compiled complete completed completes completing component composed
compression concurrent condition conditions config configuration configure configured conflict
conflicting conjunction connect connected connecting connection connections consecutive consider
consisted consistency consistent constant constraint constraints consult contact contacting contain
contained containing contains context continue continued continues continuing conversion convert
converted converting copied copies copy copying copystate core correct correctly corresponds corrupt
corrupted could couldn't count counter counting counts cpu crashed create created creating creation
creators credentials critical cross current cursor cut cutoff cutover cyclic damaged data database
databases dataloss datatype datatypes date datetime day days db ddl ddls dead deadline
deadlineexceeded deadlock debug decimal declaration declarations declared declined decoding default
deferred deferring define defined definer definition definitions degraded delay delayed delays
delete deleted deleting deletion denied dependency dependent depends deploy deployed deployment
deprecated depth derived desc describe describing description destination detail details detected
determines didn't diff differ difference differences different differently differs digit dir direct
directory dirty disabled disabling disallowed disappeared discard discarded disconnect disconnected
discovered discovery disk display diverged division dml do docs documents does doesn't doing domain
don't done double down downgrade drain drained draining drop dropped dropping drops dry due dump
dumped duplicate duplicated duplicates during dynamically e e.g each earlier early easy effectively
eight either elapsed elected election element elements eligible else emergency emit emits emitted
empty enable enabled enabling encode encoded encoding encountered encryption end ended endpoint
endpoints engine engines enough ensure enter entered entire entirely entry enum environment eof
equal errno error errored errors ers escape estimated etc even event events eventually ever every
everything exact exactly examine exceed exceeded exceeding exceeds except exception exceptions
exchange excluded exclusive exec execute executed executing execution exist existing exists exit
exited exiting expect expected expired expires explicit explicitly exponential expression
expressions extend extension extra extremely fail failed failedprecondition failing failover
failovers fails failure fallback fallen falls false far fast fatal feature federated fell fetch
fetched fetching field fields file filename files filter filtered filters finalize find finding fine
finish finished finishes first five fix fixed flag flags float flush fly follow following follows
for forbid forbidden force forcing foreign forgot form format found four frame frames free fresh
from frozen full fulltext fully function functional functionally functions further future gave
general generate generated geometrical geometry get gets getting give given gives giving global go
goes going gone good got graceful gracefully grant granted graph greater group groups grpc gtid
gtids gtidset had halted halts handle handler handlers handling handshake hang hangs happen happened
happening has hash hasn't have haven't having header health healthcheck healthy heartbeat
heartbeating held help helper hence her here hex hexadecimal hidden high higher hint his hold holder
holding holds host hostname hosts hot hour hours how however http https i i.e i/o id identifier idle
ids if ignore ignored ignores illegal image immediate immediately implicit import imported importing
imports impossible in inactive incapable incident include included includes including incompatible
inconsistency inconsistent incorrect incorrectly increase increasing increment indefinitely index
indexes indication indices individual ineligible info information infra inherit initial initialise
initialised initialization initialize initializing inner inno innodb input insecure insert
insertable inserted inserting inserts inside install installable instance instances instead
instructions insufficient int intact integer integers integral integrity intended internal
interrupted interval into invalid invalidargument invalidated invoke invoked invoker invokes
involved io is isn't issue issued issues it item its join journal journaling journals json just keep
keeps kept key keycache keyrange keys keyspace keyspaces kill killed kind kinds known label lack
lacking lag lagging lags large larger largest last lasted late latency later latest lead leader
leadership leading least leave leaves left legacy length less let level library license like limit
limited limits line linked list listed listening lists little live load loaded loading lob local
locale locally located lock locked locking locks log logged logging logs long longblob longer
longint longtext look looked looking looks lookup lost low lowest made main maintenance make makes
making malformed managed management manner manual many map marked marks master match matched matches
matching materialize max maximal maximum may maybe mean meaning means measured mediumblob mediumint
mediumtext member members memory merge merged message messages met metadata metric metrics
microseconds might migrate migrated migration migrations millisecond milliseconds minimum minor
minute minutes mismatch mismatched mismatches miss missed misses missing mistake mix mixing mode
modes modification modified modify moment monitoring more most move moved moves movetables moving
much multi multiple must mutation my myisam mysql mysqladmin mysqld mysqldump name named names
namespace namespaces native near necessary need needed needs negative neither nest nesting net
network never new newer newest next nine no nobody node nodes non nonaggregated none
nontransactional nor normal not note noted notfound nothing notice now ns null nullable number
numbers numeric object observed obsolete occurred occurs of off offline often ok okay old older
oldest on once one ongoing online only onto oom op open opened operand operate operation operational
operations operator optimization optimizer option optional options or order organization
organizations original originating other others otherwise our out outdated outofrange output outside
outstanding over overflow overhead overloaded overridden overrun overwritten own owned owner
ownership owns package packet packets page pages paired par parallel parameter parameters parent
parse parser parses parsing part partial partially participates participating partition partitioned
partitioning partitions parts pass passed password passwords past patch path paths pause paused peer
pending percent perform performance performed performing perhaps period permanent permission
permissiondenied permissions permit permitted persist persisted phase phases pick picked picker
picks ping pipe place placeholders placement plain plan planet planetscale planned planner plans
play player please plugin plugins plus point policy pool pooler pools port pos position positions
positive possible possibly post postgres preceded precision precondition predicted prefix prepare
prepared prepares present presently prevent prevented prevents previous previously primaries primary
prior privilege privileges probably problem problems proc procedure procedures proceed process
processed processes processing production profile progress promote promoted promotion propagate
propagated properly protected protocol provide provided provision proxy prs pseudo pull purge
purgeable purged purging purposes push put qualified quarantined queried query querying queue queued
queues quickly quit quota quoted race raise raised ran random range ranges rate rates rdonly re
reach reachable reached reaching read readable reader readiness reading reads ready real really
reason reasons rebalance rebuild rebuilding receive received receiver receiving recent recently
recommended reconnect reconnected reconnecting record recorded records recover recoverable recovered
recovering recovery recreate recursion recursive redefining redirect reduce reduced refer reference
referenced references referencing referring refers refresh refreshed refused refuses regexp region
regions register registered regular reject rejected related relay release released relevant reload
remain remained remaining remains remote remove removed removing rename renamed reopen reorganize
reorganizing repair repaired repeat repeated repeatedly replace replaced replica replicas replicate
replicated replicates replicating replication reply report reported reporting reports repository
request requested requester requests requeued require required requirements requires resequencing
reserved reset resetting reshard resharded resharding resize resized resizing resolution resolve
resolved resolver resource resourceexhausted resources responding response rest restart restarted
restarting restore restored restoring restrict restricted restriction result resulted resulting
resume resumed resumes resuming retried retries retrieved retry retryable retrying return returned
returning returns reverse reversed reverses reversing reverted revision revoke right rights roll
rollback rolled rolling room root round route routed routes routine routing row rows rpc rule rules
run running runs safe safely same sampled sampling satisfy save saved saving scale scan scanned
schedule scheduler schedules schema schemas scope second seconds secret section secure see seems
seen segment select selected selecting self send sender sending sends sent separate separator
sequence sequences series serve served server serverid servers serves service services serving
session sessions set setting setup seven several shadow shard sharded sharding shards shared short
should shouldn't show shown shows shut shutdown shutting side sidecar sides signal signed
significance silently similar simultaneously since single situation six size skip skipped skipping
slave slaves slightly slot slow slower slowly small smaller smallint snapshot so socket some
something soon sort source sources sp space spaces span spatial specific specification specified
specifier specify split sql sqlstate stable stack staging stale stall stalled stalls stand standby
start started starting starts startup state stated statement statements states static statistics
stats status stays step stepped still stmt stop stopped stopping stops storage store stored storing
stream streamed streamer streaming streams strictly strigger string strings structure stuck style
sub subpartition subpartitioned subpartitioning subpartitions subqueries subquery subset succeed
succeeded success successful successfully such suggest sum supplied support supported supports
surpassed suspend suspended swap switch switched switches switching switchover symbol sync synced
synchronization synchronize syncing syntax system table tables tablespace tablespaces tablet tablets
tail take taken takes taking target targeted targeting targets task tasks tell temporal temporarily
temporary ten tenant terminal terminate terminated terminating text than that the their them
themselves then there therefore these they they're thing things think third this those thread
threaded threads three threshold throttle throttled throttler throttles throttling through thus ti
till time timed timeout timeouts timer times timestamp timestamps timezone tinyblob tinyint tinytext
tls to together token tokens told too took tool top topo topology total touch touched trace track
tracked tracking traffic transaction transactional transactions transfer transient transition
translated transport tried tries trigger triggers trouble true truncate truncated trust try trying
turn turned twice two tx txn type types typo ulimit unable unacceptable unauthenticated unauthorized
unavailable unblock uncommitted uncompress uncompressed undeclared undefined under underlying
understand understood undo unexpected unfinished unhandled unhealthy unimplemented uninitialized
uninstall uninstallable uninstalled unique unit unix unknown unlimited unloaded unlock unmarshal
unnecessary unprocessable unreachable unrecognized unrecoverable unresponsive unsafe unsharded
unsigned unsupported untouched unused up updatable update updated updates updating upgrade upgraded
upgrading upholding upon upstream usable usage use used user userinfo users uses using usual usually
utc utf8 utf8mb4 uuid valid validate validated validating validation value values varbinary varchar
variable variables vcopier vdiff verbose verification verified verify verifying version very vgtid
via view views vindex vindexes violated violates violation virtual visible vitess vplayer
vreplication vreplicator vs vschema vstream vstreamer vstreams vtctld vtctldclient vtgate vtorc
vttablet vttablets wait waited waiting waits want wanted wants warn warned warning warnings was
wasn't watch way we we're week weeks weight well went were weren't what whatever when whenever where
whether which while who whole why wide width will window wish with within without won't word words
work worked worker workers workflow workflows working works worse would wouldn't write writer writes
writing written wrong year years yet you you're your yourself zero zone zones
""".split()  # noqa: SIM905 - two thousand quoted words are not for reading
)
