import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0022_second_factor'),
    ]

    operations = [
        migrations.AddField(
            model_name='image',
            name='is_withheld',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='ModerationCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('verdict', models.CharField(choices=[('waiting', 'Not checked yet'), ('clear', 'Nothing found'), ('flagged', 'Flagged'), ('unchecked', 'Not checked')], default='waiting', max_length=9)),
                ('categories', models.JSONField(default=list)),
                ('code', models.CharField(blank=True, max_length=60)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('checked_at', models.DateTimeField(null=True)),
                ('generation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moderations', to='generations.generation')),
                ('image', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='moderation', to='generations.image')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('verdict', 'waiting')), fields=['due_at'], name='moderation_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('image', None)), fields=('generation',), name='moderation_prompt_once')],
            },
        ),
    ]
