"""Every table of this app as the first release has it."""

import accounts.models.member
import accounts.public_ids
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # Whoever ran an earlier state of this app to its end has all of it.
    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0003_teams_and_approval'),
        ('accounts', '0004_a_seat_is_given_on'),
        ('accounts', '0005_news_on_a_page'),
        ('accounts', '0006_conduct_and_caps'),
    ]

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('handle', models.CharField(max_length=40, unique=True, verbose_name='handle')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('name_folded', models.CharField(editable=False, max_length=200)),
                ('time_zone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                ('language', models.CharField(default='en', max_length=16, verbose_name='language')),
                ('joined_at', models.DateTimeField(verbose_name='joined')),
                ('is_active', models.BooleanField(default=True, help_text='A deactivated member cannot sign in and takes no messages.', verbose_name='active')),
                ('is_staff', models.BooleanField(default=False, help_text='May open the console.', verbose_name='staff')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'member',
                'verbose_name_plural': 'members',
                'indexes': [models.Index(models.F('name_folded'), models.F('id'), name='accounts_member_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='accounts_member_has_a_name'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='accounts_member_email_is_lowercase')],
            },
            managers=[
                ('objects', accounts.models.member.MemberManager()),
            ],
        ),
        migrations.CreateModel(
            name='FailedJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('task', models.CharField(max_length=120)),
                ('arguments', models.CharField(blank=True, max_length=500)),
                ('error', models.CharField(max_length=500)),
                ('failed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'failed job',
                'verbose_name_plural': 'failed jobs',
            },
        ),
        migrations.CreateModel(
            name='JobRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=60)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('succeeded', models.BooleanField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'verbose_name': 'job run',
                'verbose_name_plural': 'job runs',
                'indexes': [models.Index(fields=['job', '-started_at'], name='accounts_jobrun_latest')],
            },
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=20, unique=True)),
                ('founded_at', models.DateTimeField(verbose_name='founded')),
            ],
            options={
                'verbose_name': 'team',
                'verbose_name_plural': 'teams',
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='accounts_team_has_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Profile',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='profile', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('headline', models.CharField(blank=True, max_length=160, verbose_name='headline')),
                ('company', models.CharField(blank=True, max_length=100, verbose_name='company')),
                ('location', models.CharField(blank=True, max_length=100, verbose_name='place')),
                ('about', models.TextField(blank=True, max_length=2000, verbose_name='about')),
                ('search_text', models.CharField(default='', editable=False, max_length=1000)),
                ('company_words', models.CharField(default='', editable=False, max_length=1000)),
                ('place_words', models.CharField(default='', editable=False, max_length=1000)),
            ],
            options={
                'verbose_name': 'profile',
                'verbose_name_plural': 'profiles',
            },
        ),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('blocker', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks_made', to=settings.AUTH_USER_MODEL)),
                ('blocked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blocks_suffered', to=settings.AUTH_USER_MODEL)),
                ('blocked_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'block',
                'verbose_name_plural': 'blocks',
                'constraints': [models.UniqueConstraint(fields=('blocker', 'blocked'), name='accounts_blocked_once'), models.CheckConstraint(condition=models.Q(('blocker', models.F('blocked')), _negated=True), name='accounts_nobody_blocks_themselves')],
            },
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('low', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('high', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('connected_at', models.DateTimeField(verbose_name='connected')),
            ],
            options={
                'verbose_name': 'connection',
                'verbose_name_plural': 'connections',
                'constraints': [models.UniqueConstraint(fields=('low', 'high'), name='accounts_one_connection_per_pair'), models.CheckConstraint(condition=models.Q(('low__lt', models.F('high'))), name='accounts_connection_smaller_id_first')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations_sent', to=settings.AUTH_USER_MODEL)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations_received', to=settings.AUTH_USER_MODEL)),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('state', models.CharField(choices=[('pending', 'Waiting'), ('accepted', 'Accepted'), ('ignored', 'Ignored'), ('withdrawn', 'Withdrawn')], default='pending', max_length=9)),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'indexes': [models.Index(fields=['recipient', 'state', '-sent_at'], name='accounts_invitation_received'), models.Index(fields=['sender', '-sent_at'], name='accounts_invitation_sent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('sender', 'recipient'), name='accounts_one_pending_invitation_each_way'), models.CheckConstraint(condition=models.Q(('sender', models.F('recipient')), _negated=True), name='accounts_nobody_invites_themselves')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('address', models.EmailField(blank=True, max_length=254)),
                ('kind', models.CharField(max_length=100)),
                ('context', models.JSONField(default=dict)),
                ('key', models.CharField(max_length=150, unique=True)),
                ('due_at', models.DateTimeField()),
                ('not_after', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_try_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'indexes': [models.Index(condition=models.Q(('failed_at', None), ('sent_at', None)), fields=['next_try_at'], name='accounts_notice_unsent')],
            },
        ),
        migrations.CreateModel(
            name='NoticeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notice_choices', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('credits_granted', 'Credits that arrive'), ('credits_ending', 'Credits that end in 7 days, and in 1'), ('credits_returned', 'Credits that come back'), ('credits_low', 'Few credits left'), ('came_back', 'Messages that could not be sent and went back to Drafts'), ('reminder', 'Reminders that you asked for'), ('introduction', 'Introductions'), ('report_outcome', 'What became of your reports'), ('decision', 'Decisions about you')], max_length=20, verbose_name='kind')),
                ('by_mail', models.BooleanField(verbose_name='by mail')),
                ('on_page', models.BooleanField(verbose_name='on the page')),
            ],
            options={
                'verbose_name': 'choice of notices',
                'verbose_name_plural': 'choices of notices',
                'constraints': [models.UniqueConstraint(fields=('member', 'kind'), name='accounts_one_choice_per_member_and_kind')],
            },
        ),
        migrations.CreateModel(
            name='PageNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='page_notices', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('credits_granted', 'Credits that arrive'), ('credits_ending', 'Credits that end in 7 days, and in 1'), ('credits_returned', 'Credits that come back'), ('credits_low', 'Few credits left'), ('came_back', 'Messages that could not be sent and went back to Drafts'), ('reminder', 'Reminders that you asked for'), ('introduction', 'Introductions'), ('report_outcome', 'What became of your reports'), ('decision', 'Decisions about you')], max_length=20, verbose_name='kind')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=20, unique=True)),
                ('context', models.JSONField(default=dict)),
                ('key', models.CharField(max_length=150, unique=True)),
                ('told_at', models.DateTimeField(verbose_name='told')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read')),
            ],
            options={
                'verbose_name': 'notice on the page',
                'verbose_name_plural': 'notices on the page',
                'indexes': [models.Index(fields=['member', '-id'], name='accounts_page_notice_newest'), models.Index(condition=models.Q(('read_at', None)), fields=['member'], name='accounts_page_notice_unread')],
            },
        ),
        migrations.CreateModel(
            name='PolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('catalog', models.CharField(max_length=32, verbose_name='catalog')),
                ('settings', models.JSONField(default=dict, verbose_name='settings')),
                ('in_force_from', models.DateTimeField(verbose_name='in force from')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='why')),
                ('proposed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved')),
            ],
            options={
                'verbose_name': 'policy version',
                'verbose_name_plural': 'policy versions',
                'get_latest_by': 'in_force_from',
                'constraints': [models.UniqueConstraint(condition=models.Q(('approved_at__isnull', False)), fields=('in_force_from',), name='accounts_one_policy_starts_at_an_instant'), models.CheckConstraint(condition=models.Q(('approved_at', None), ('proposed_by', None), models.Q(('approved_by__isnull', False), models.Q(('approved_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='accounts_a_policy_is_approved_by_somebody_else')],
            },
        ),
        migrations.CreateModel(
            name='RefusedPurpose',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refused_purposes', to=settings.AUTH_USER_MODEL)),
                ('purpose', models.CharField(choices=[('job_offer', 'job offer'), ('job_seeking', 'job seeking'), ('sales', 'sales'), ('promotion', 'promotion'), ('partnership', 'partnership'), ('advice', 'advice'), ('press', 'press'), ('introduction', 'introduction'), ('reconnect', 'reconnect'), ('other', 'other')], max_length=16)),
            ],
            options={
                'verbose_name': 'refused purpose',
                'verbose_name_plural': 'refused purposes',
                'constraints': [models.UniqueConstraint(fields=('member', 'purpose'), name='accounts_purpose_refused_once')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restrictions', to=settings.AUTH_USER_MODEL)),
                ('step', models.CharField(choices=[('warning', 'Warning'), ('day', '24 hours'), ('three_days', '72 hours'), ('week', '1 week'), ('suspended', 'Suspended'), ('closing', 'Account closed')], max_length=10)),
                ('rule', models.CharField(choices=[('purpose', 'only purposes offered here'), ('reason', 'a real reason for contact'), ('bulk', 'no identical bulk'), ('repeated', 'no repeated contact'), ('stops', 'honour stops'), ('truth', 'nothing false')], max_length=8)),
                ('facts', models.TextField(max_length=2000)),
                ('found_by', models.CharField(choices=[('rule', 'an automatic rule'), ('report', 'a report by a member'), ('signal', 'an alarm'), ('staff', 'a moderator')], max_length=6)),
                ('reference', models.CharField(max_length=14, unique=True)),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reversed_at', models.DateTimeField(blank=True, null=True, verbose_name='reversed')),
            ],
            options={
                'verbose_name': 'restriction',
                'verbose_name_plural': 'restrictions',
                'indexes': [models.Index(fields=['member', '-starts_at'], name='accounts_restriction_of_member')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at', None), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='accounts_restriction_ends_after_start'), models.CheckConstraint(condition=models.Q(('step', 'closing'), ('ends_at__isnull', False), _connector='OR'), name='accounts_only_a_closing_has_no_end'), models.CheckConstraint(condition=models.Q(models.Q(('step', 'closing'), _negated=True), models.Q(('confirmed_by__isnull', False), ('decided_by__isnull', False), models.Q(('decided_by', models.F('confirmed_by')), _negated=True)), _connector='OR'), name='accounts_closing_takes_two_persons'), models.CheckConstraint(condition=models.Q(('step__in', ['warning', 'day', 'three_days', 'week']), ('decided_by__isnull', False), _connector='OR'), name='accounts_no_rule_suspends_by_itself'), models.CheckConstraint(condition=models.Q(('facts', ''), _negated=True), name='accounts_a_restriction_gives_its_facts')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to='accounts.team')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seats', to=settings.AUTH_USER_MODEL)),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=20, unique=True)),
                ('assigned_at', models.DateTimeField(verbose_name='since')),
                ('parked_at', models.DateTimeField(blank=True, null=True, verbose_name='parked')),
                ('left_at', models.DateTimeField(blank=True, null=True, verbose_name='left')),
                ('allowance', models.PositiveIntegerField(blank=True, null=True, verbose_name='allowance')),
                ('is_unlimited', models.BooleanField(default=False, verbose_name='no limit')),
            ],
            options={
                'verbose_name': 'seat',
                'verbose_name_plural': 'seats',
                'indexes': [models.Index(condition=models.Q(('left_at', None), ('parked_at', None)), fields=['team'], name='accounts_seat_active')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('member',), name='accounts_a_member_holds_one_seat'), models.CheckConstraint(condition=models.Q(('is_unlimited', False), ('allowance', None), _connector='OR'), name='accounts_a_seat_has_a_limit_or_none')],
            },
        ),
        migrations.CreateModel(
            name='StopRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops_made', to=settings.AUTH_USER_MODEL)),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops_heard', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stops_heard', to='accounts.team')),
                ('asked_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'stop request',
                'verbose_name_plural': 'stop requests',
                'indexes': [models.Index(condition=models.Q(('lifted_at', None)), fields=['team', 'recipient'], name='accounts_stop_of_team')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('recipient', 'sender'), name='accounts_one_standing_stop_per_pair')],
            },
        ),
        migrations.CreateModel(
            name='TeamAdmin',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='admins', to='accounts.team')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team_admin_of', to=settings.AUTH_USER_MODEL)),
                ('since', models.DateTimeField(verbose_name='since')),
                ('until', models.DateTimeField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'team admin',
                'verbose_name_plural': 'team admins',
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('member',), name='accounts_a_member_administers_one_team')],
            },
        ),
        migrations.CreateModel(
            name='Reach',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='reach', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('who', models.CharField(choices=[('everyone', 'Everyone'), ('premium', 'Premium members'), ('nobody', 'Nobody new')], default='everyone', max_length=8, verbose_name='who may write first')),
                ('first_contacts_land', models.CharField(choices=[('requests', 'Requests'), ('inbox', 'Inbox')], default='requests', max_length=8, verbose_name='where first messages wait')),
                ('wants_open_profile', models.BooleanField(default=False, verbose_name='Open Profile')),
                ('cap_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='new people a day')),
                ('cap_week', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='new people a week')),
                ('hides_caps', models.BooleanField(default=False, verbose_name='hide when it is full')),
                ('shares_receipts', models.BooleanField(default=True, verbose_name='count me when I open a message')),
                ('requests_mail', models.CharField(choices=[('each', 'One for each'), ('daily', 'One a day, with all of them'), ('none', 'None')], default='each', max_length=5, verbose_name='mail about requests')),
                ('wants_message_mail', models.BooleanField(default=True, verbose_name='mail about new messages')),
                ('uses_shortcuts', models.BooleanField(default=True, verbose_name='keyboard shortcuts')),
            ],
            options={
                'verbose_name': 'reach',
                'verbose_name_plural': 'reach',
                'constraints': [models.CheckConstraint(condition=models.Q(('who__in', ['everyone', 'premium', 'nobody'])), name='accounts_reach_is_a_known_choice')],
            },
        ),
        migrations.CreateModel(
            name='SeatMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='accounts.seat')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='moves', to='accounts.team')),
                ('kind', models.CharField(choices=[('assign', 'Given'), ('remove', 'Taken back'), ('reassign', 'Given to somebody else'), ('park', 'Parked'), ('unpark', 'Taken up again'), ('allow', 'Allowance changed')], max_length=8)),
                ('moved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('moved_at', models.DateTimeField(verbose_name='when')),
            ],
            options={
                'verbose_name': 'seat move',
                'verbose_name_plural': 'seat moves',
                'indexes': [models.Index(fields=['team', '-moved_at'], name='accounts_seat_moves_of_team')],
            },
        ),
        migrations.CreateModel(
            name='SeatInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='accounts.team')),
                ('address', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=20, unique=True)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_at', models.DateTimeField(verbose_name='invited')),
                ('expires_at', models.DateTimeField(verbose_name='until')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='taken')),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seat')),
            ],
            options={
                'verbose_name': 'seat invitation',
                'verbose_name_plural': 'seat invitations',
                'constraints': [models.UniqueConstraint(condition=models.Q(('taken_at', None), ('withdrawn_at', None)), fields=('team', 'address'), name='accounts_one_open_seat_invitation_per_address')],
            },
        ),
    ]
